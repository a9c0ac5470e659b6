"""Blobs: whole or not there, gone with their row, and files of nobody swept away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ringfence.errors import BlobLost, ConfigurationError, Fenced, StoreUnavailable
from ringfence.server.store import Store, Work
from tests.server.store.scenes import opened, raised, scenario, told


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture(params=["database", "disk"])
def blobs(request: pytest.FixtureRequest, disk: Path) -> str:
    return "database" if request.param == "database" else f"disk:{disk}"


def get(name: str) -> Callable[[Work], bytes]:
    return lambda work: work.blobs.get(name)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 10, bytes(range(256)) * 8_000])
@scenario
async def test_what_was_put_is_got(address: str, blobs: str, data: bytes) -> None:
    async with opened(address, blobs=blobs) as store:
        name = await store.write(lambda work: work.blobs.put(data))
        assert await store.read(lambda work: work.blobs.get(name)) == data
        other = await store.write(lambda work: work.blobs.put(data))
        assert other != name
        await store.write(lambda work: work.blobs.drop(name))
        await raised(store.read(lambda work: work.blobs.get(name)), BlobLost)
        assert await store.read(lambda work: work.blobs.get(other)) == data
        await store.write(lambda work: work.blobs.drop(name))  # again: nothing is to do
    async with opened(address, blobs=blobs) as store:
        assert await store.read(lambda work: work.blobs.get(other)) == data


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 32, "x" * 5_000])
@scenario
async def test_names_that_no_blob_has(address: str, blobs: str, name: str) -> None:
    async with opened(address, blobs=blobs) as store:
        await raised(store.read(lambda work: work.blobs.get(name)), BlobLost)
        await store.write(lambda work: work.blobs.drop(name))


@scenario
async def test_files_are_of_this_user_and_whole(address: str, disk: Path) -> None:
    async with opened(address, blobs=f"disk:{disk}", sync="full") as store:
        name = await store.write(lambda work: work.blobs.put(b"secret"))
        (path,) = (one for one in disk.rglob("*") if one.is_file())
        assert (path.name, path.read_bytes()) == (name, b"secret")
        assert [oct(one.stat().st_mode & 0o777) for one in (path, path.parent, path.parent.parent)] == [
            "0o600", "0o700", "0o700",
        ]  # fmt: skip
        in_rows = "SELECT count(*) FROM blobs WHERE data IS NOT NULL"
        assert await store.read(lambda work: work.connection.scalar(text(in_rows))) == 0


@scenario
async def test_files_follow_their_rows(address: str, disk: Path) -> None:
    async with opened(address, blobs=f"disk:{disk}") as store:
        first = await store.write(lambda work: work.blobs.put(b"first"))

        def fails(work: Work) -> None:
            work.blobs.put(b"of the failed")
            work.blobs.drop(first)
            raise KeyError

        await raised(store.write(fails), KeyError)
        assert files(disk) == [first]
        # The same beside others in one transaction.
        held = threading.Event()
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(store.write(lambda _: held.wait()))
        ]
        waiting += [asyncio.ensure_future(store.write(one)) for one in (fails, told("kept"))]
        await asyncio.sleep(0)
        held.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert files(disk) == [first]

        def replaces(work: Work) -> str:
            work.blobs.drop(first)
            return work.blobs.put(b"second")

        second = await store.write(replaces)
        assert files(disk) == [second]


@scenario
async def test_the_next_start_sweeps_what_nobody_points_at(
    new_address: Callable[[], str], disk: Path
) -> None:
    address, place = new_address(), f"disk:{disk}"
    async with opened(address, blobs=place) as store, opened(new_address(), blobs=place) as other:
        kept = await store.write(lambda work: work.blobs.put(b"kept"))
        foreign = await other.write(lambda work: work.blobs.put(b"of another database"))
        folder = next(path for path in disk.rglob("*") if path.name == kept).parent
        (folder / ("f" * 32)).write_bytes(b"without a row")
        (folder / f"{kept}.part").write_bytes(b"half of a file")
    async with opened(address, owning=False):
        assert len(files(disk)) == 4  # a tool leaves them: a server may be about to write a row
    async with opened(address, blobs=place) as store:
        assert files(disk) == sorted([kept, foreign])
        assert await store.read(lambda work: work.blobs.get(kept)) == b"kept"


@scenario
async def test_bytes_that_are_others_are_lost(address: str, disk: Path) -> None:
    async with opened(address, blobs=f"disk:{disk}") as store:
        names = [await store.write(lambda work: work.blobs.put(b"12345")) for _ in range(3)]
        paths = {one.name: one for one in disk.rglob("*") if one.is_file()}
        paths[names[0]].write_bytes(b"12346")
        paths[names[1]].write_bytes(b"")  # as after a loss of power
        paths[names[2]].unlink()
        for name in names:
            await raised(store.read(get(name)), BlobLost)
    async with opened(address, blobs=f"disk:{disk}") as store:
        await raised(store.read(lambda work: work.blobs.get(names[0])), BlobLost)


@scenario
async def test_a_reader_that_was_overtaken_asks_again(address: str, disk: Path) -> None:
    async with opened(address, blobs=f"disk:{disk}") as store:
        await store.write(lambda work: work.accounts.create_key("acme"))

        def points_at(work: Work, data: bytes) -> None:
            old = work.connection.scalar(text("SELECT label FROM keys"))
            work.blobs.drop(str(old))
            name = work.blobs.put(data)
            work.connection.execute(text("UPDATE keys SET label = :name"), {"name": name})

        await store.write(lambda work: points_at(work, b"old"))
        begun, go_on = threading.Event(), threading.Event()
        times = 0

        def reads(work: Work) -> bytes:
            nonlocal times
            times += 1
            name = work.connection.scalar(text("SELECT label FROM keys"))
            begun.set()
            go_on.wait()
            return work.blobs.get(str(name))

        reading = asyncio.ensure_future(store.read(reads))
        await asyncio.to_thread(begun.wait)
        await store.write(lambda work: points_at(work, b"new"))
        go_on.set()
        assert (await reading, times) == (b"new", 2)


@scenario
async def test_a_fenced_server_leaves_no_files(address: str, disk: Path) -> None:
    async with (
        opened(address, blobs=f"disk:{disk}") as older,
        opened(address, blobs=f"disk:{disk}"),
    ):
        await raised(older.write(lambda work: work.blobs.put(b"late")), Fenced)
        assert files(disk) == []


@scenario
async def test_blobs_move_into_the_database_only_by_name(address: str, disk: Path) -> None:
    async with opened(address, blobs=f"disk:{disk}") as store:
        name = await store.write(lambda work: work.blobs.put(b"in a file"))
    with pytest.raises(ConfigurationError, match="keeps 1 blobs in a folder: say which"):
        Store.open(address)
    with pytest.raises(ConfigurationError, match="has nothing of the service's database"):
        Store.open(address, blobs=f"disk:{disk}-of-somebody-else")
    with pytest.raises(ConfigurationError, match=r"write database, or disk:/absolute/path"):
        Store.open(address, blobs="disk:relative")
    async with opened(address, blobs=f"disk:{disk}") as store:
        assert store.epoch == 2  # those that were refused fenced nobody
        await store.write(lambda work: work.blobs.drop(name))
    async with opened(address) as store:
        inside = await store.write(lambda work: work.blobs.put(b"in a row"))
    async with opened(address, blobs=f"disk:{disk}") as store:
        assert await store.read(lambda work: work.blobs.get(inside)) == b"in a row"


def test_a_folder_that_cannot_be_made(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="folder of blobs .*: Not a directory"):
        Store.open(address, blobs=f"disk:{tmp_path}/file/blobs")
