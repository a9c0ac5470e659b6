"""Tenants and keys as the database holds them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ringfence.errors import ConfigurationError
from ringfence.server.access import keys as formats
from ringfence.server.store import Work
from ringfence.server.store.tables import METADATA
from tests.server.store.scenes import audit_of, opened, raised, scenario

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime.datetime:
        return self.now


@scenario
async def test_a_key_is_hashed_and_shown_once(address: str) -> None:
    async with opened(address) as store:
        text, info = await store.write(
            lambda work: work.accounts.create_key("acme", scopes=["agent", "run"], label="ci")
        )
        key = formats.read(text)
        assert key is not None
        assert (key.id, info.tenant, info.label) == (info.id, "acme", "ci")
        assert info.scopes == {"run", "agent"}
        assert len(key.secret) * 6 >= 160  # random bits
        assert key.secret not in repr(key)

        def everything(work: Work) -> str:
            return "".join(
                repr(work.connection.execute(select(table)).all())
                for table in METADATA.sorted_tables
            )

        held = await store.read(everything)
        assert key.id in held
        assert key.secret not in held
        path = address.removeprefix("sqlite:///")
        if path != address:
            for file in Path(path).parent.iterdir():
                assert key.secret.encode() not in file.read_bytes()


@scenario
async def test_two_keys_have_nothing_in_common(address: str) -> None:
    async with opened(address) as store:
        made = [await store.write(lambda work: work.accounts.create_key("acme")) for _ in range(2)]
        (one, _), (other, _) = made
        assert one != other
        assert formats.read(one)[1] != formats.read(other)[1]  # type: ignore[index]
        assert len(await store.read(lambda work: work.accounts.keys("acme"))) == 2


@scenario
async def test_a_revoked_key_stays_and_stays_revoked(address: str) -> None:
    async with opened(address) as store:
        _, info = await store.write(lambda work: work.accounts.create_key("acme"))
        before = await store.read(lambda work: work.accounts.allowed())
        assert before is not None
        assert set(before.keys) == {info.id}
        revoked = await store.write(lambda work: work.accounts.revoke_key(info.id))
        assert revoked.revoked is not None
        again = await store.write(lambda work: work.accounts.revoke_key(info.id))
        assert again.revoked == revoked.revoked
        after = await store.read(lambda work: work.accounts.allowed(before.version))
        assert after is not None
        assert (after.any_key, dict(after.keys)) == (True, {})
        assert await store.read(lambda work: work.accounts.allowed(after.version)) is None
        assert [row.kind for row in await audit_of(store)] == [
            "tenant.created", "key.created", "key.revoked",
        ]  # fmt: skip


@scenario
async def test_rotating_gives_the_old_key_a_grace(address: str) -> None:
    clock = Clock()
    async with opened(address, clock=clock) as store:
        _, old = await store.write(
            lambda work: work.accounts.create_key(
                "acme", scopes=["run", "admin"], label="ci", expires=NOW + 48 * HOUR
            )
        )
        clock.now += 40 * HOUR
        _, new = await store.write(lambda work: work.accounts.rotate_key(old.id, 2 * HOUR))
        assert (new.tenant, new.label, new.scopes, new.replaces) == (
            "acme", "ci", frozenset({"run", "admin"}), old.id,
        )  # fmt: skip
        assert new.expires == clock.now + 48 * HOUR  # as long as the old one had
        kept = await store.read(lambda work: work.accounts.key(old.id))
        assert kept.expires == clock.now + 2 * HOUR
        # A grace makes no key hold longer than before.
        clock.now += HOUR
        await store.write(lambda work: work.accounts.rotate_key(old.id, 24 * HOUR))
        kept = await store.read(lambda work: work.accounts.key(old.id))
        assert kept.expires == NOW + 42 * HOUR
        clock.now += HOUR
        error = await raised(
            store.write(lambda work: work.accounts.rotate_key(old.id, HOUR)), ConfigurationError
        )
        assert "does not hold any more" in str(error)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tenant": "Acme"}, "a tenant's name is"),
        ({"tenant": ""}, "a tenant's name is"),
        ({"tenant": "a" * 65}, "a tenant's name is"),
        ({"tenant": "-a"}, "a tenant's name is"),
        ({"tenant": "a\n"}, "a tenant's name is"),
        ({"scopes": ["root"]}, "'root' is none"),
        ({"scopes": []}, "one or more of the scopes run, admin, metrics, agent"),
        ({"label": "two\nlines"}, "a label is one line"),
        ({"label": "\x1b[2J"}, "a label is one line"),
        ({"label": "x" * 101}, "a label is one line"),
        ({"expires": NOW}, "expires in the future"),
    ],
)
@scenario
async def test_keys_that_are_not_made(address: str, given: dict[str, Any], said: str) -> None:
    async with opened(address, clock=Clock()) as store:
        wanted = {"tenant": "acme", **given}
        error = await raised(
            store.write(lambda work: work.accounts.create_key(**wanted)), ConfigurationError
        )
        assert said in str(error)
        assert await store.read(lambda work: work.accounts.tenants()) == {}
        assert await audit_of(store) == []


@pytest.mark.parametrize("key_id", ["", "x", "0" * 16, "' OR 1=1 --", "rfk_" + "0" * 16, "\0"])
@scenario
async def test_keys_that_there_are_not(address: str, key_id: str) -> None:
    async with opened(address) as store:
        await store.write(lambda work: work.accounts.create_key("acme"))
        for error in (
            await raised(
                store.write(lambda work: work.accounts.revoke_key(key_id)), ConfigurationError
            ),
            await raised(store.read(lambda work: work.accounts.key(key_id)), ConfigurationError),
        ):
            assert str(error).startswith("there is no such key")


def set_quotas(quotas: Mapping[str, float], work: Work) -> None:
    work.accounts.set_tenant("acme", **quotas)


@scenario
async def test_quotas_of_a_tenant(address: str) -> None:
    async with opened(address) as store:
        made = await store.write(lambda work: work.accounts.set_tenant("acme", concurrent=3))
        assert (made.concurrent, made.per_minute, made.cpu_seconds_per_day) == (3, None, None)
        made = await store.write(
            lambda work: work.accounts.set_tenant(
                "acme", per_minute=100_000, cpu_seconds_per_day=0.5
            )
        )
        assert (made.concurrent, made.per_minute, made.cpu_seconds_per_day) == (3, 100_000, 0.5)
        made = await store.write(lambda work: work.accounts.set_tenant("acme", concurrent=None))
        assert (made.concurrent, made.per_minute, made.cpu_seconds_per_day) == (None, 100_000, 0.5)
        for wrong in (
            {"concurrent": 0}, {"per_minute": 100_001}, {"cpu_seconds_per_day": float("nan")},
            {"cpu_seconds_per_day": float("inf")}, {"concurrent": -1},
        ):  # fmt: skip
            await raised(store.write(partial(set_quotas, wrong)), ConfigurationError)
        assert await store.read(lambda work: work.accounts.tenants()) == {"acme": made}
