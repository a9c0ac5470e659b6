"""How many bytes are kept of each tenant: counted with what keeps them, and bounded."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from functools import partial

import pytest
from alembic import command
from sqlalchemy import text

from ringfence.server.problems import Problem
from ringfence.server.sessions.record import SessionRecord
from ringfence.server.store import Store, Work
from ringfence.server.store.migrating import STEPS
from tests.server.store.scenes import opened, raised, scenario

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
KEPT = text(
    "SELECT COALESCE(SUM(bytes), 0) FROM (SELECT state_bytes AS bytes, tenant FROM sessions"
    " UNION ALL SELECT bytes, tenant FROM session_files UNION ALL SELECT bytes, tenant"
    " FROM snapshots UNION ALL SELECT bytes, tenant FROM receipts) AS kept WHERE tenant = :tenant"
)


def record(name: str, tenant: str = "acme", revision: int = 1) -> SessionRecord:
    return SessionRecord(
        tenant=tenant,
        id=name,
        created=NOW,
        used=NOW,
        turns=1,
        saved_turn=1,
        durability="per-turn",
        recipe={},
        revision=revision,
    )


def keeping(name: str, state: bytes, tenant: str = "acme") -> Callable[[Work], None]:
    def change(work: Work) -> None:
        if work.sessions.get(tenant, name) is None:
            work.sessions.insert(record(name, tenant, 0))
        there = work.sessions.get(tenant, name)
        assert there is not None
        assert work.sessions.save(record(name, tenant, there.revision + 1), state)

    return change


def is_there(work: Work, name: str) -> bool:
    return work.sessions.get("acme", name) is not None


def begin(work: Work, key: str, tenant: str = "acme") -> None:
    found = work.receipts.begin(
        tenant, key, fingerprint="", epoch=1, run_id="r", session=None,
        since=NOW - datetime.timedelta(days=1),
    )  # fmt: skip
    assert found is None


def finish(work: Work, key: str, size: int) -> None:
    work.receipts.finish("acme", key, b"x" * size)


async def counted(store: Store, tenant: str = "acme") -> int:
    """What is told of a tenant, which is what is there."""

    def ask(work: Work) -> tuple[int, int]:
        there = work.connection.scalar(KEPT, {"tenant": tenant})
        return int(there), work.stored.of_all().get(tenant, 0)

    there, told = await store.read(ask)
    assert there == told
    return told


@scenario
async def test_what_is_kept_is_counted_exactly_whatever_happens(address: str) -> None:
    chance = random.Random(7)
    async with opened(address) as store:
        store.stored_bytes = 300_000
        refused = 0
        for step in range(150):
            name = f"s{chance.randrange(4)}"
            some = chance.choice((b"", b"x" * 100, b"y" * 40_000, b"z" * 90_000))
            exists = await store.read(partial(is_there, name=name))

            def change(
                work: Work,
                name: str = name,
                some: bytes = some,
                step: int = step,
                exists: bool = exists,
            ) -> None:
                kind = chance.randrange(6)
                if kind == 0:
                    work.sessions.delete("acme", name)
                elif kind == 1:
                    begin(work, f"k{step}")
                    work.receipts.finish("acme", f"k{step}", some)
                elif kind == 2 and step > 20:
                    work.receipts.forget("acme", f"k{chance.randrange(step)}")
                elif kind == 3 and exists:
                    work.sessions.write_files("acme", name, {f"f{step % 3}": some, "g": some})
                    work.sessions.remove_files("acme", name, ["g"])
                elif kind == 4 and exists:
                    work.sessions.add_snapshot("acme", name, 1, some)
                else:
                    keeping(name, some)(work)
                if step % 7 == 0:
                    raise KeyError(name)  # undone

            before = await counted(store)
            try:
                await store.write(change)
            except KeyError:
                assert await counted(store) == before
            except Problem as problem:
                assert problem.errors[0].field == "quota:stored-bytes"
                assert await counted(store) == before
                refused += 1
            assert await counted(store) <= 300_000
        assert refused


@scenario
async def test_more_than_a_tenant_may_have_is_refused_and_less_is_not(address: str) -> None:
    async with opened(address) as store:
        store.stored_bytes = 1_000
        await store.write(keeping("a", b"x" * 600))
        problem: Problem = await raised(store.write(keeping("b", b"x" * 401)), Problem)
        assert (problem.name, problem.status) == ("quota", 429)
        assert problem.errors[0].got == "1001"
        assert await store.read(lambda work: work.sessions.get("acme", "b")) is None
        await store.write(keeping("b", b"x" * 400))  # to the byte
        await store.write(keeping("b", b"x" * 401, "bolt"))  # another tenant's own
        await store.write(lambda work: work.accounts.set_tenant("acme", stored_bytes=500))
        await store.write(keeping("a", b"x" * 550))  # more than it may have, and less than it had
        await raised(store.write(keeping("a", b"x" * 551)), Problem)
        await store.write(lambda work: work.accounts.set_tenant("acme", stored_bytes=None))
        await store.write(keeping("a", b"x" * 600))
        assert (await counted(store), await counted(store, "bolt")) == (1_000, 401)


@scenario
async def test_of_changes_that_are_kept_together_one_is_refused(address: str) -> None:
    async with opened(address) as store:
        store.stored_bytes = 1_000

        def both(work: Work) -> None:
            work.part(keeping("a", b"x" * 700))
            with pytest.raises(Problem):
                work.part(keeping("b", b"x" * 301))
            work.part(keeping("c", b"x" * 300))

        await store.write(both)
        assert await counted(store) == 1_000


@scenario
async def test_a_reply_that_does_not_fit_is_not_kept_and_not_run_again(address: str) -> None:
    async with opened(address) as store:
        store.stored_bytes = 1_000
        await store.write(keeping("a", b"x" * 600))
        for key, size in (("small", 400), ("large", 1)):
            await store.write(partial(begin, key=key))
            await store.write(partial(finish, key=key, size=size))
        found = await store.read(
            lambda work: work.receipts.find("acme", "large", NOW - datetime.timedelta(days=1))
        )
        assert found is not None
        assert (found.reply, found.dropped) == (None, True)
        assert await counted(store) == 1_000


@scenario
async def test_old_receipts_go_in_bulk_with_their_blobs(address: str) -> None:
    async with opened(address) as store:

        def fill(work: Work) -> None:
            for number in range(450):
                begin(work, f"k{number}", f"t{number % 3}")
                size = 40_000 if number % 10 == 0 else 10
                work.receipts.finish(f"t{number % 3}", f"k{number}", b"x" * size)

        await store.write(fill)
        later = store.now() + datetime.timedelta(seconds=1)
        went = [
            await store.write(lambda work: work.receipts.forget_before(later, 300))
            for _ in range(3)
        ]
        assert went == [300, 150, 0]
        assert await store.read(lambda work: work.stored.of_all()) == {"t0": 0, "t1": 0, "t2": 0}
        blobs = text("SELECT COUNT(*) FROM blobs")
        assert await store.read(lambda work: work.connection.scalar(blobs)) == 0


@scenario
async def test_a_database_from_before_is_counted(address: str) -> None:
    async with opened(address) as store:
        await store.write(keeping("a", b"x" * 600))
        await store.write(lambda work: work.sessions.write_files("acme", "a", {"f": b"x" * 50_000}))
        for key, size in (("k", 12), ("l", 40_000)):
            await store.write(partial(begin, key=key))
            await store.write(partial(finish, key=key, size=size))
        has = await counted(store)
        with store._engine.begin() as connection:
            command.downgrade(STEPS.config(connection), "service_0002")
    async with opened(address) as store:
        assert await counted(store) == has == 600 + 50_000 + 12 + 40_000
