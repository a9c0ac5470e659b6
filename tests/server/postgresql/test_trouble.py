"""A PostgreSQL server that is stopped and started, or cut off in the middle of a commit."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.errors import Fenced, StoreUnavailable
from ringfence.server.store import Store
from tests.server.postgresql.between import Between, Cut
from tests.server.store.oracle import CLIENTS, check, load, prepare
from tests.server.store.scenes import audit_of, opened, raised, scenario, told, verified
from tests.support.postgresql import PostgreSQL


@scenario
async def test_nothing_is_lost_or_done_twice_while_the_server_goes_and_comes(
    postgresql: PostgreSQL, address: str, tmp_path: Path
) -> None:
    async with opened(address, blobs=f"disk:{tmp_path}", patience=60) as store:
        await store.write(prepare)
        acknowledged = dict.fromkeys(range(CLIENTS), 0)
        stopping = True

        def told_of(client: int, turn: int) -> bool:
            assert turn == acknowledged[client] + 1
            acknowledged[client] = turn
            return stopping

        running = asyncio.ensure_future(load(store, told_of))
        for _ in range(3):
            await asyncio.to_thread(postgresql.stop)
            await asyncio.to_thread(postgresql.start)
            before = sum(acknowledged.values())
            while sum(acknowledged.values()) < before + 20:
                await asyncio.sleep(0.01)
        stopping = False
        await running
    async with opened(address, blobs=f"disk:{tmp_path}") as store:
        assert await check(store, acknowledged, tmp_path) == sum(acknowledged.values())


@scenario
async def test_a_server_that_is_away_for_longer_than_the_patience(
    postgresql: PostgreSQL, address: str
) -> None:
    async with opened(address, patience=0.5) as store:
        await store.write(told("before"))
        postgresql.stop()
        try:
            outcomes = await asyncio.gather(
                store.write(told("never")), store.read(audit_rows), store.check(),
                return_exceptions=True,
            )  # fmt: skip
            for outcome in outcomes:
                assert isinstance(outcome, StoreUnavailable)
                assert outcome.kept is False
                assert "does not do its work: " in str(outcome)
            assert store.answering is False
            # From then on nobody waits.
            await raised(store.write(told("never")), StoreUnavailable)
            with pytest.raises(StoreUnavailable):
                Store.open(address, patience=0.5)
        finally:
            postgresql.start()
        await store.write(told("after"))
        assert (store.answering, store.fenced) == (True, False)
        assert [row.kind for row in await audit_of(store)] == ["before", "after"]
        assert await verified(store) == 2


def audit_rows(work: object) -> object:
    return work.audit.head()  # type: ignore[attr-defined]


@scenario
async def test_a_server_that_stands_still(
    postgresql: PostgreSQL, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.server.store.database._GRACE", 0.3)
    async with opened(address, patience=0.2) as store:
        backends = await store.write(
            lambda work: work.connection.exec_driver_sql(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            ).scalars().all()
        )  # fmt: skip
        for backend in backends:
            os.kill(backend, signal.SIGSTOP)
        try:
            error = await raised(store.write(told("unknown")), StoreUnavailable)
            assert error.kept is None
            assert str(error).endswith("has not answered for 0.5 s")
        finally:
            for backend in backends:
                os.kill(backend, signal.SIGCONT)
        await store.write(told("after"))
        assert [row.kind for row in await audit_of(store)] == ["unknown", "after"]


@pytest.fixture
def between(address: str, tmp_path: Path) -> Between:
    url = urllib.parse.urlsplit(address)
    folder = urllib.parse.parse_qs(url.query)["host"][0]
    return Between(tmp_path, Path(folder) / ".s.PGSQL.5432")


@pytest.mark.parametrize("when", ["before", "after"])
@scenario
async def test_a_commit_that_is_cut_off_is_done_once(
    address: str, between: Between, tmp_path: Path, when: Cut
) -> None:
    cut_off = address.partition("?")[0] + f"?host={tmp_path}"
    with between:
        async with opened(cut_off, blobs=f"disk:{tmp_path}/blobs") as store:
            await store.write(prepare)
            acknowledged = dict.fromkeys(range(CLIENTS), 0)

            def told_of(client: int, turn: int) -> bool:
                assert turn == acknowledged[client] + 1
                acknowledged[client] = turn
                if client == 0 and turn in {5, 10, 15}:
                    between.cut(when)
                return turn < 30

            await load(store, told_of)
            assert between.cuts == 3
            assert acknowledged == dict.fromkeys(range(CLIENTS), 30)
        # Of a commit that was not kept the files stay until the next start.
        async with opened(cut_off, blobs=f"disk:{tmp_path}/blobs") as store:
            assert await check(store, acknowledged, tmp_path / "blobs") == 30 * CLIENTS


@pytest.mark.parametrize("when", ["before", "after"])
@scenario
async def test_a_commit_that_nobody_can_ask_about_is_not_known(
    address: str, between: Between, tmp_path: Path, when: Cut
) -> None:
    cut_off = address.partition("?")[0] + f"?host={tmp_path}"
    with between:
        async with opened(cut_off, patience=0.3) as store:
            between.shut_after_cut = True
            between.cut(when)
            error = await raised(store.write(told("unknown")), StoreUnavailable)
            assert error.kept is None
            error = await raised(store.write(told("never")), StoreUnavailable)
            assert error.kept is False
            between.closed = False
            await store.write(told("after"))
            kinds = [row.kind for row in await audit_of(store)]
            assert kinds == (["unknown", "after"] if when == "after" else ["after"])
            assert await verified(store) == len(kinds)


@scenario
async def test_a_server_that_was_fenced_while_it_was_cut_off(
    address: str, between: Between, tmp_path: Path
) -> None:
    cut_off = address.partition("?")[0] + f"?host={tmp_path}"
    with between:
        async with opened(cut_off, patience=30) as store:
            between.shut_after_cut = True
            between.cut("before")
            lost = asyncio.ensure_future(store.write(told("never")))
            while not between.cuts:
                await asyncio.sleep(0.01)
            async with opened(address) as younger:
                between.closed = False
                await raised(lost, Fenced)  # nobody wrote since: it is known that it was not kept
                await younger.write(told("younger"))
                assert store.fenced
                assert [row.kind for row in await audit_of(younger)] == ["younger"]


@scenario
async def test_a_tool_does_not_do_again_what_may_be_done(
    new_address: Callable[[], str], between: Between, address: str, tmp_path: Path
) -> None:
    cut_off = address.partition("?")[0] + f"?host={tmp_path}"
    with between:
        async with opened(cut_off, owning=False) as tool:
            between.cut("after")
            error = await raised(
                tool.write(lambda work: work.accounts.create_key("acme")), StoreUnavailable
            )
            assert error.kept is None
            assert len(await tool.read(lambda work: work.accounts.keys())) == 1


@pytest.mark.parametrize(("sync", "setting"), [("normal", "off"), ("full", "on")])
@scenario
async def test_full_asks_for_what_the_servers_settings_do_not_say(
    address: str, sync: str, setting: str
) -> None:
    async with opened(address) as store:
        name = address.partition("?")[0].rpartition("/")[2]
        statement = f"ALTER DATABASE {name} SET synchronous_commit = off"
        await store.write(lambda work: work.connection.exec_driver_sql(statement).rowcount)
    async with opened(address, sync=sync) as store:
        found = await store.read(
            lambda work: work.connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        )
        assert found == setting


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        Store.open(f"postgresql://ada:h4ckme@/x?host={tmp_path}", patience=1)
    assert "postgresql+psycopg://ada:***@/x" in str(caught.value)
    assert "h4ckme" not in str(caught.value)
