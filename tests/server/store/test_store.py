"""The store: its schema, who owns it, and what is kept of changes that wait together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ringfence.errors import Fenced, StoreNotUsable, StoreUnavailable
from ringfence.server.store import Store, Work
from ringfence.server.store.tables import METADATA
from tests.server.store.scenes import audit_of, opened, raised, scenario, told, verified
from tests.support.schemas import described

# --- the schema ----------------------------------------------------------------------------------


@scenario
async def test_migrations_make_exactly_what_the_tables_say(new_address: Callable[[], str]) -> None:
    other = sqlalchemy.create_engine(
        new_address().replace("postgresql://", "postgresql+psycopg://")
    )
    try:
        METADATA.create_all(other)
        async with opened(new_address()) as store:
            assert described(store._engine) == described(other)
            assert set(described(store._engine)) == set(METADATA.tables)
            with store._engine.connect() as connection:
                context = MigrationContext.configure(connection, opts={"compare_type": True})
                assert compare_metadata(context, METADATA) == []
    finally:
        other.dispose()


@scenario
async def test_a_database_of_a_newer_version_is_refused(address: str) -> None:
    async with opened(address) as store:
        await store.write(
            lambda work: work.connection.execute(
                text("UPDATE alembic_version SET version_num = 'service_0999'")
            )
        )
    for server in (True, False):
        with pytest.raises(StoreNotUsable, match=r"newer Ringfence \(revision 'service_0999'\)"):
            Store.open(address, migrating=server, owning=server)


def test_a_database_of_a_workshop_is_refused(address: str) -> None:
    from ringfence.workshop.store import Store as WorkshopStore

    WorkshopStore.open(address).close()
    with pytest.raises(StoreNotUsable, match="newer Ringfence"):
        Store.open(address)


def test_two_servers_that_start_at_once_on_an_empty_database(address: str) -> None:
    together = threading.Barrier(3)
    epochs: list[int] = []

    def start() -> None:
        together.wait()
        store = Store.open(address)
        epochs.append(store.epoch)
        store.end()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(epochs) == [1, 2, 3]


# --- changes -------------------------------------------------------------------------------------


@scenario
async def test_a_change_is_kept_when_it_is_acknowledged(address: str) -> None:
    async with opened(address) as store:
        assert await store.write(lambda work: (told("one")(work), 7)[1]) == 7
        async with opened(address, owning=False) as other:
            assert [row.kind for row in await audit_of(other)] == ["one"]


@scenario
async def test_a_change_that_raises_undoes_itself_and_nothing_else(address: str) -> None:
    async with opened(address) as store:

        def fails(work: Work) -> None:
            told("failed")(work)
            work.accounts.create_key("of-the-failed")
            work.usage.add("acme", cpu_seconds=100.0)
            work.blobs.put(b"of the failed")
            raise KeyError("mine")

        def counts(work: Work) -> None:
            told("counted")(work)
            work.usage.add("acme", cpu_seconds=0.5)

        held = threading.Event()
        first = asyncio.ensure_future(store.write(lambda _: held.wait()))  # the others wait for it
        changes = [store.write(counts), store.write(fails), store.write(counts)]
        waiting = [asyncio.ensure_future(one) for one in changes]
        await asyncio.sleep(0)
        held.set()
        outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)

        assert [type(one) for one in outcomes] == [bool, type(None), KeyError, type(None)]
        assert [row.kind for row in await audit_of(store)] == ["counted", "counted"]
        assert await verified(store) == 2
        assert await store.read(lambda work: work.usage.of_tenant("acme")[0][1:]) == (2, 1.0)
        assert await store.read(lambda work: work.accounts.keys()) == []
        count = "SELECT count(*) FROM blobs"
        assert await store.read(lambda work: work.connection.scalar(text(count))) == 0
        # So does one that is alone.
        await raised(store.write(fails), KeyError)
        assert await verified(store) == 2


@scenario
async def test_changes_that_wait_together_share_a_transaction_and_keep_their_order(
    address: str,
) -> None:
    async with opened(address) as store:
        before = store._batch
        held = threading.Event()
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(store.write(lambda _: held.wait()))
        ]
        await asyncio.sleep(0)
        waiting += [asyncio.ensure_future(store.write(told(f"n{n}"))) for n in range(50)]
        await asyncio.sleep(0)
        held.set()
        await asyncio.gather(*waiting)
        assert [row.kind for row in await audit_of(store)] == [f"n{n}" for n in range(50)]
        assert store._batch <= before + 2


@scenario
async def test_a_wrong_statement_is_its_changes_own_fault(address: str) -> None:
    async with opened(address) as store:

        def twice(work: Work) -> None:
            for _ in range(2):
                work.connection.execute(
                    text("INSERT INTO tenants (name, created) VALUES ('x', '2026-01-01 00:00:00')")
                )

        held = threading.Event()
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(store.write(lambda _: held.wait()))
        ]
        waiting += [
            asyncio.ensure_future(store.write(one)) for one in (told("a"), twice, told("b"))
        ]
        await asyncio.sleep(0)
        held.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one).__name__ for one in outcomes] == [
            "bool", "NoneType", "IntegrityError", "NoneType",
        ]  # fmt: skip
        assert [row.kind for row in await audit_of(store)] == ["a", "b"]
        assert await store.read(lambda work: work.accounts.tenants()) == {}


@scenario
async def test_who_no_longer_waits_has_asked_all_the_same(address: str) -> None:
    async with opened(address) as store:
        held = threading.Event()
        first = asyncio.ensure_future(store.write(lambda _: held.wait()))
        second = asyncio.ensure_future(store.write(told("second")))
        await asyncio.sleep(0)
        for task in (first, second):
            task.cancel()
        held.set()
        await store.write(told("third"))
        assert [row.kind for row in await audit_of(store)] == ["second", "third"]


@scenario
async def test_what_waits_is_done_before_the_store_is_closed(address: str) -> None:
    store = Store.open(address)
    held = threading.Event()
    waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(store.write(lambda _: held.wait()))]
    waiting += [asyncio.ensure_future(store.write(told("last")))]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(closing, *waiting)
    await store.close()  # again: nothing is to do
    error = await raised(store.write(told("too late")), StoreUnavailable)
    assert error.kept is False
    async with opened(address) as other:
        assert [row.kind for row in await audit_of(other)] == ["last"]


# --- the owner -----------------------------------------------------------------------------------


@scenario
async def test_a_server_that_starts_fences_the_one_before(address: str) -> None:
    async with opened(address) as older:
        await older.write(told("older"))
        assert (older.epoch, older.fenced) == (1, False)
        async with opened(address) as younger:
            assert younger.epoch == 2
            await raised(older.write(told("never")), Fenced)
            assert older.fenced
            await raised(older.write(told("never again")), Fenced)
            await raised(older.check(), Fenced)
            await younger.write(told("younger"))
            await younger.check()
            assert [row.kind for row in await audit_of(younger)] == ["older", "younger"]


@scenario
async def test_a_server_that_only_reads_learns_that_it_was_fenced(address: str) -> None:
    async with opened(address) as older:
        await older.check()
        async with opened(address):
            await raised(older.check(), Fenced)
            assert older.fenced


@scenario
async def test_a_fenced_servers_changes_that_waited_are_not_kept(address: str) -> None:
    async with opened(address) as older:
        held, begun = threading.Event(), threading.Event()

        def waits(work: Work) -> None:
            told("in time")(work)
            begun.set()
            held.wait()

        first = asyncio.ensure_future(older.write(waits))
        await asyncio.to_thread(begun.wait)
        late = asyncio.ensure_future(older.write(told("late")))
        starting = asyncio.ensure_future(asyncio.to_thread(Store.open, address))
        while not await _waits_for_a_lock(older, starting):
            await asyncio.sleep(0.01)
        held.set()
        await first  # it had the lock: what was begun is finished
        younger = await starting
        (outcome,) = await asyncio.gather(late, return_exceptions=True)
        kinds = [row.kind for row in await audit_of(younger)]
        await younger.close()
        # Whoever of the two came next to the lock; and either way what was acknowledged is there.
        assert kinds == (["in time", "late"] if outcome is None else ["in time"])
        assert outcome is None or isinstance(outcome, Fenced)


async def _waits_for_a_lock(store: Store, starting: asyncio.Future[Any]) -> bool:
    """Whether a second server is at the lock; SQLite does not tell, so there it is let try."""
    assert not starting.done()
    if store._engine.dialect.name == "sqlite":
        return True
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return bool(await store.read(lambda work: work.connection.scalar(text(query))))


@scenario
async def test_a_tool_writes_beside_the_server_that_owns_the_database(address: str) -> None:
    async with opened(address) as server, opened(address, owning=False) as tool:
        assert (server.epoch, tool.epoch) == (1, 0)
        await asyncio.gather(
            *(server.write(told("server")) for _ in range(40)),
            *(tool.write(told("tool")) for _ in range(40)),
        )
        assert not server.fenced
        await server.write(told("server"))
        assert await verified(server) == 81


def test_a_tool_that_only_looks_makes_no_database(address: str) -> None:
    with pytest.raises(Exception, match=r"there is no database|is of an older Ringfence, or empty"):
        Store.open(address, owning=False, migrating=False)


# --- use -----------------------------------------------------------------------------------------


@scenario
async def test_use_is_summed_by_tenant_and_day_in_utc(address: str) -> None:
    import datetime

    moment = datetime.datetime(
        2026, 3, 1, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1))
    )
    async with opened(address, clock=lambda: moment) as store:
        await store.write(lambda work: work.usage.add("acme", cpu_seconds=0.25))
        await store.write(lambda work: work.usage.add("acme", cpu_seconds=0.5))
        await store.write(lambda work: work.usage.add("other", cpu_seconds=3.0, runs=0))
        assert await store.read(lambda work: work.usage.of_day("2026-02-28")) == {
            "acme": 0.75, "other": 3.0,
        }  # fmt: skip
        moment += datetime.timedelta(days=1)
        await store.write(lambda work: work.usage.add("acme", cpu_seconds=1.0))
        assert await store.read(lambda work: work.usage.of_tenant("acme")) == [
            ("2026-03-01", 1, 1.0), ("2026-02-28", 2, 0.75),
        ]  # fmt: skip


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
@scenario
async def test_use_that_is_none_is_not_summed(address: str, seconds: float) -> None:
    async with opened(address) as store:
        await raised(
            store.write(lambda work: work.usage.add("acme", cpu_seconds=seconds)), ValueError
        )
        assert await store.read(lambda work: work.usage.of_tenant("acme")) == []
