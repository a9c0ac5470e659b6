"""The keys that a server remembers, on a clock of the tests' own."""

from __future__ import annotations

import asyncio
import datetime
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import Fenced, StoreUnavailable
from ringfence.server.access import keys
from ringfence.server.access.caller import Caller
from ringfence.server.access.quotas import Quotas
from ringfence.server.access.ring import KeyRing
from ringfence.server.problems import Problem
from ringfence.server.store import Store
from tests.server.store.scenes import audit_of, opened, raised, scenario

USUAL = Quotas(2, 3, 4.0)


class Steady:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/service.db"


async def new_key(store: Store, tenant: str = "acme", **options: Any) -> str:
    text, _ = await store.write(lambda work: work.accounts.create_key(tenant, **options))
    return text


async def ask(ring: KeyRing, key: str | None, *, from_here: bool = True) -> Caller | str:
    """Who it is, or the problem."""
    headers = [] if key is None else [f"Bearer {key}"]
    try:
        return await ring.caller(headers, from_here=from_here)
    except Problem as problem:
        assert problem.headers["WWW-Authenticate"] == 'Bearer realm="ringfence"'
        return f"{problem.status} {problem.name}"


REFUSED = "401 unauthorized"


@scenario
async def test_a_key_is_asked_about_once_and_revoked_within_half_a_second(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = Steady()
    async with opened(address) as store, opened(address, owning=False) as tool:
        text = await new_key(tool, scopes=["run", "agent"])
        key = keys.read(text)
        assert key is not None
        ring = KeyRing(store, quotas=USUAL, monotonic=steady)
        expected = Caller("acme", key.id, frozenset({"run", "agent"}), USUAL)
        assert await ask(ring, text) == expected

        async def never(*_: Any) -> None:
            raise AssertionError("the database was asked")

        with monkeypatch.context() as patched:
            patched.setattr(store, "read", never)
            await tool.write(lambda work: work.accounts.revoke_key(key.id))
            for _ in range(3):
                assert await ask(ring, text) == expected
                steady.now += 0.25
        steady.now += 0.001
        assert await ask(ring, text) == REFUSED
        await ring.close()


@scenario
async def test_what_is_changed_in_this_server_acts_at_once(address: str) -> None:
    async with opened(address) as store:
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())
        text = await new_key(store)
        assert isinstance(await ask(ring, text), Caller)
        await store.write(lambda work: work.accounts.revoke_key(text[4:20]))
        ring.forget()
        assert await ask(ring, text) == REFUSED
        await ring.close()


@scenario
async def test_many_at_once_ask_the_database_once(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(address) as store:
        text = await new_key(store)
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())
        asked = 0
        read = store.read

        async def counting(*arguments: Any) -> Any:
            nonlocal asked
            asked += 1
            return await read(*arguments)

        monkeypatch.setattr(store, "read", counting)
        found = await asyncio.gather(*(ask(ring, text) for _ in range(100)))
        assert {isinstance(one, Caller) for one in found} == {True}
        assert asked == 1


@scenario
async def test_nobody_is_let_in_while_the_database_cannot_say(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = Steady()
    async with opened(address) as store:
        text = await new_key(store)
        ring = KeyRing(store, quotas=USUAL, monotonic=steady)
        assert isinstance(await ask(ring, text), Caller)

        async def away(*_: Any) -> None:
            raise StoreUnavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(store, "read", away)
            steady.now += 1
            await raised(ring.caller([f"Bearer {text}"], from_here=True), StoreUnavailable)
            await raised(ring.caller([], from_here=True), StoreUnavailable)
        assert isinstance(await ask(ring, text), Caller)


@scenario
async def test_everybody_here_is_local_while_there_never_was_a_key(address: str) -> None:
    steady = Steady()
    async with opened(address) as store:
        ring = KeyRing(store, quotas=USUAL, monotonic=steady)
        strict = KeyRing(store, quotas=USUAL, monotonic=steady, anonymous=False)
        here = await ask(ring, None)
        assert here == Caller("local", None, frozenset(keys.SCOPES), USUAL)
        assert not await ring.any_key()
        assert await ask(ring, None, from_here=False) == REFUSED
        assert await ask(strict, None) == REFUSED
        assert await ask(ring, str(keys.make())) == REFUSED  # a key that is none is no nobody
        text = await new_key(store)
        steady.now += 1
        assert await ask(ring, None) == REFUSED
        # A key that leaked is revoked: that lets nobody in either.
        await store.write(lambda work: work.accounts.revoke_key(text[4:20]))
        steady.now += 1
        assert await ask(ring, None) == REFUSED
        assert await ring.any_key()
        await ring.close()


@scenario
async def test_a_key_holds_until_it_expires(address: str) -> None:
    now = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    async with opened(address, clock=lambda: now) as store:
        text = await new_key(store, expires=now + datetime.timedelta(seconds=10))
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())
        now += datetime.timedelta(seconds=9.999)
        assert isinstance(await ask(ring, text), Caller)
        now += datetime.timedelta(seconds=0.001)
        assert await ask(ring, text) == REFUSED
        await ring.close()


@scenario
async def test_quotas_are_the_tenants_or_the_settings(address: str) -> None:
    steady = Steady()
    async with opened(address) as store:
        text = await new_key(store)
        ring = KeyRing(store, quotas=USUAL, monotonic=steady)
        found = await ask(ring, text)
        assert isinstance(found, Caller)
        assert found.quotas == USUAL
        await store.write(lambda work: work.accounts.set_tenant("acme", per_minute=7))
        steady.now += 1
        found = await ask(ring, text)
        assert isinstance(found, Caller)
        assert found.quotas == Quotas(2, 7, 4.0)


def forgeries(mine: str, other: str) -> dict[str, list[str]]:
    """Headers that let nobody in, made of two keys that hold."""
    one, two = mine.split("_", 2), other.split("_", 2)
    last = "A" if mine[-1] != "A" else "B"
    return {
        "another secret": [f"Bearer {mine[:-1]}{last}"],
        "cut off": [f"Bearer {mine[:-1]}"],
        "longer": [f"Bearer {mine}A"],
        "one's id with the other's secret": [f"Bearer rfk_{one[1]}_{two[2]}"],
        "no such id": [f"Bearer rfk_{'0' * 16}_{one[2]}"],
        "only the id": [f"Bearer rfk_{one[1]}"],
        "only the secret": [f"Bearer {one[2]}"],
        "an id in capitals": [f"Bearer rfk_{one[1].upper()}_{one[2]}x"],
        "the prefix in capitals": [f"Bearer RFK_{one[1]}_{one[2]}"],
        "the digest as secret": [f"Bearer rfk_{one[1]}_{keys.Key(one[1], one[2]).digest}"],
        "a workshop's token": [f"Bearer rfw_{one[1]}_{one[2]}"],
        "no scheme": [mine],
        "another scheme": [f"Basic {mine}"],
        "nothing after the scheme": ["Bearer "],
        "empty": [""],
        "a tab": [f"Bearer\t{mine}"],
        "a line's end": [f"Bearer {mine}\n"],
        "a NUL": [f"Bearer {mine}\x00"],
        "a quote": [f"Bearer {mine}' OR '1'='1"],
        "letters that look alike": [f"Bearer {mine.replace('rfk', 'rfк')}"],
        "two of them": [f"Bearer {mine}", f"Bearer {mine}"],
        "two in one": [f"Bearer {mine}, Bearer {other}"],
        "endless": ["Bearer " + mine * 10_000],
    }


@scenario
async def test_forgeries_let_nobody_in_and_say_nothing(address: str) -> None:
    async with opened(address) as store:
        mine, other = await new_key(store), await new_key(store, tenant="other")
        gone = await new_key(store)
        await store.write(lambda work: work.accounts.revoke_key(gone[4:20]))
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())
        problems = set()
        for headers in [*forgeries(mine, other).values(), [f"Bearer {gone}"]]:
            problem = await raised(ring.caller(headers, from_here=True), Problem)
            problems.add(json.dumps(problem.as_json()))
        assert len(problems) == 1  # of all the same: nothing says whether a key's id exists
        for scheme in ("Bearer ", "bearer ", "BEARER   "):
            assert (await ring.caller([f"{scheme}{mine}"], from_here=False)).tenant == "acme"
        await ring.close()


@scenario
async def test_a_key_that_is_not_there_is_compared_as_one_that_is(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes time is the same work: no assertion about time itself would hold."""
    compared: list[tuple[int, int]] = []
    honest: Callable[[Any, Any], bool] = hmac.compare_digest

    def counting(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return honest(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    async with opened(address) as store:
        mine = await new_key(store)
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())
        for key in (mine, f"{mine[:-4]}AAAA", str(keys.make())):
            await ask(ring, key)
        assert compared == [(64, 64)] * 3
        await ring.close()


@scenario
async def test_refusals_are_told_to_the_audit_in_few_rows(address: str) -> None:
    steady = Steady()
    async with opened(address) as store:
        gone = await new_key(store)
        await store.write(lambda work: work.accounts.revoke_key(gone[4:20]))
        ring = KeyRing(store, quotas=USUAL, monotonic=steady)
        for _ in range(3):
            await ask(ring, gone)
            await asyncio.sleep(0)  # the first is written
            await ask(ring, "nonsense")
        many = [str(keys.make()) for _ in range(1_000)]
        for key in many:
            await ask(ring, key)
        await ring.close()
        rows = [row for row in await audit_of(store) if row.kind == "access.denied"]
        told = [json.loads(row.details) for row in rows]
        assert [one["count"] for one in told] == [1, 1_005]
        assert all(len(one["keys"]) <= 20 for one in told)
        assert sum(one["keys"].get(gone[4:20], 0) for one in told) == 3
        text = "".join(row.details for row in rows)
        assert not any(secret in text for key in [gone, *many] if (secret := key[21:]))


@scenario
async def test_refusals_outlive_a_database_that_is_away(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(address) as store:
        await new_key(store)
        ring = KeyRing(store, quotas=USUAL, monotonic=Steady())

        async def away(*_: Any) -> None:
            raise Fenced("away")

        with monkeypatch.context() as patched:
            patched.setattr(store, "write", away)
            assert await ask(ring, "nonsense") == REFUSED
            await asyncio.sleep(0)
        await ring.close()
        (row,) = [row for row in await audit_of(store) if row.kind == "access.denied"]
        assert json.loads(row.details) == {"count": 1, "keys": {}}
