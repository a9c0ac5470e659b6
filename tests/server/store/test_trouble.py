"""A database that is away, locked or full: clear errors, nothing half-kept, and it goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import StoreUnavailable
from ringfence.server.store import Store, Work
from tests.server.store.scenes import audit_of, opened, raised, scenario, told, verified


@scenario
async def test_a_lock_that_somebody_else_holds(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/service.db"
    async with opened(address, patience=0.2) as store:
        await store.write(told("before"))
        other = sqlite3.connect(tmp_path / "service.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = [store.write(told("never")) for _ in range(50)]
        # Together they wait for the lock once: each by itself, the last would hear nothing at all.
        for outcome in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(outcome, StoreUnavailable)
            assert outcome.kept is False
            assert str(outcome).endswith("does not do its work: database is locked")
        assert len(await audit_of(store)) == 1  # readers do not mind
        other.execute("ROLLBACK")
        other.close()
        await store.write(told("after"))
        assert [row.kind for row in await audit_of(store)] == ["before", "after"]


@scenario
async def test_a_database_that_says_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.server.store.database._GRACE", 0.1)
    async with opened(f"sqlite:///{tmp_path}/service.db", patience=0.1) as store:
        hangs, has_begun = threading.Event(), threading.Event()

        def change(work: Work) -> None:
            told("begun")(work)
            has_begun.set()
            hangs.wait()

        try:
            first = asyncio.ensure_future(store.write(change))
            await asyncio.to_thread(has_begun.wait)
            begun, waits = await asyncio.gather(
                first, store.write(told("waits")), return_exceptions=True
            )
            for outcome, kept in ((begun, None), (waits, False)):
                assert isinstance(outcome, StoreUnavailable)
                assert outcome.kept is kept
                assert str(outcome).endswith("has not answered for 0.2 s")
            answered = [store.answering]
            stuck = await raised(store.read(lambda _: hangs.wait()), StoreUnavailable)
            assert str(stuck).endswith("has not answered for 0.2 s")
        finally:
            hangs.set()
        await store.write(told("after"))
        answered.append(store.answering)
        assert answered == [False, True]
        # What was begun came to its end; what only waited was given up with its waiter.
        assert [row.kind for row in await audit_of(store)] == ["begun", "after"]


@scenario
async def test_too_much_that_waits_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.server.store.writing._MOST_WAITING", 3)
    async with opened(f"sqlite:///{tmp_path}/service.db") as store:
        held, begun = threading.Event(), threading.Event()

        def holds(_: object) -> None:
            begun.set()
            held.wait()

        waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(store.write(holds))]
        await asyncio.to_thread(begun.wait)
        waiting += [asyncio.ensure_future(store.write(told(f"{n}"))) for n in range(3)]
        await asyncio.sleep(0)
        error = await raised(store.write(told("too many")), StoreUnavailable)
        assert str(error) == "3 changes wait for the service's database already"
        held.set()
        await asyncio.gather(*waiting)
        assert await verified(store) == 3


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        Store.open(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(StoreUnavailable, match="Is a directory"):
        Store.open(f"sqlite:///{tmp_path}")


def read_pragma(name: str, work: Work) -> object:
    return work.connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(("sync", "level"), [("normal", 1), ("full", 2)])
@scenario
async def test_what_a_commit_of_sqlite_survives(tmp_path: Path, sync: str, level: int) -> None:
    async with opened(f"sqlite:///{tmp_path}/service.db", sync=sync) as store:
        for pragma, value in (("synchronous", level), ("journal_mode", "wal"), ("foreign_keys", 1)):
            found = await store.write(partial(read_pragma, pragma))
            assert found == value
    assert (tmp_path / "service.db").stat().st_mode & 0o777 == 0o600


@scenario
async def test_the_log_is_moved_into_the_file_beside_the_writer(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/service.db") as store:
        await store.write(lambda work: work.blobs.put(bytes(500_000)))
        while (tmp_path / "service.db").stat().st_size < 500_000:
            await asyncio.sleep(0.01)  # no commit of ours waited for that
        names = {thread.name for thread in threading.enumerate()}
        assert {"ringfence-store-writer", "ringfence-store-checkpoints"} <= names
    assert not {name for name in names if name.startswith("ringfence-store")} & {
        thread.name for thread in threading.enumerate()
    }


@scenario
async def test_a_folder_that_is_made_is_this_users_alone(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/data/ringfence/service.db"):
        assert (tmp_path / "data/ringfence").stat().st_mode & 0o777 == 0o700


# --- a full disk: a file system of 8 MiB, in a mount namespace of its own ---------------------------

FULL = """
import asyncio, json, os, sys
from ringfence.errors import StoreUnavailable
from ringfence.server.store import Store
from tests.server.store.scenes import told, verified

PLACE, BLOBS = sys.argv[1:]
FILLER = f"{PLACE}/filler"


def keep(size, number):
    def change(work):
        work.audit.append("kept", "acme", None, {"number": number})
        return work.blobs.put(bytes(size))

    return change


async def main():
    with open(FILLER, "wb") as file:
        file.write(bytes(5_000_000))
    store = Store.open(f"sqlite:///{PLACE}/service.db", blobs=BLOBS)
    names, error = [], None
    while error is None:
        try:
            names.append(await store.write(keep(100_000, len(names))))
        except StoreUnavailable as full:
            error = full
    said = [str(error).partition("does not do its work: ")[2] or str(error), error.kept]
    together = await asyncio.gather(
        *(store.write(keep(size, 0)) for size in (5_000_000, 4_000_000)), return_exceptions=True
    )
    alive = [type(one).__name__ for one in together]
    rows = await verified(store)  # readers go on
    os.unlink(FILLER)
    names.append(await store.write(keep(100_000, len(names))))

    def drop(work):
        for name in names[:5]:
            work.blobs.drop(name)

    await store.write(drop)
    left = await store.read(lambda work: [len(work.blobs.get(name)) for name in names[5:]])
    after = await verified(store)
    await store.close()
    files = sum(len(found) for _, _, found in os.walk(f"{PLACE}/blobs"))
    print(json.dumps([said, alive, rows, len(names), after, left == [100_000] * len(left), files]))


asyncio.run(main())
"""


@pytest.mark.parametrize("place", ["database", "disk"])
def test_a_full_disk(tmp_path: Path, place: str) -> None:
    where = tmp_path / "full"
    where.mkdir()
    blobs = "database" if place == "database" else f"disk:{where}/blobs"
    mount = f'mount -t tmpfs -o size=8m none "{where}" && exec "$@"'
    done = subprocess.run(
        ["unshare", *(() if os.geteuid() == 0 else ("-r",)), "-m", "sh", "-c", mount, "sh",
         sys.executable, "-c", FULL, str(where), blobs],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    said, alive, rows, names, after, whole, files = json.loads(done.stdout)
    expected = {
        "database": "database or disk is full",
        "disk": "100000 bytes cannot be kept in the folder of blobs: No space left on device",
    }
    assert said == [expected[place], False]
    assert alive == ["StoreUnavailable", "StoreUnavailable"]
    assert names > 10
    assert (rows, after) == (names - 1, names)
    assert whole
    assert files == (0 if place == "database" else names - 5)
