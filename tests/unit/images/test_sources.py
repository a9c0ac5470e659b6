"""A source is what its hash says, whoever hands it over."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ringfence.errors import ConfigurationError, ImageNotBuilt
from ringfence.images.sources import Source, download, obtain, unpack

CONTENT = b"the very archive"


def _source(*addresses: str, size: int = len(CONTENT)) -> Source:
    return Source(
        name="thing",
        file="thing-1.tar.gz",
        sha256=(hashlib.sha256(CONTENT).hexdigest(),),
        size=size,
        folder="thing-1",
        addresses=addresses,
        package=("trixie", "thing"),
    )


@pytest.fixture
def site() -> Iterator[str]:
    """A server on this machine that has the archive."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/thing" else 404)
            self.end_headers()
            if self.path == "/thing":
                self.wfile.write(CONTENT)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_comes_from_its_authors(site: str, tmp_path: Path) -> None:
    path = obtain(_source(f"{site}/none", f"{site}/thing"), tmp_path, None, [download])
    assert path.read_bytes() == CONTENT
    assert obtain(_source(), tmp_path, None, []) == path  # kept


def test_no_more_is_read_than_it_has(site: str, tmp_path: Path) -> None:
    with pytest.raises(ImageNotBuilt, match=f"it is more than {len(CONTENT) - 1} bytes"):
        obtain(_source(f"{site}/thing", size=len(CONTENT) - 1), tmp_path, None, [download])
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_refused_and_the_next_way_tried(tmp_path: Path) -> None:
    def forge(source: Source, folder: Path) -> None:
        (folder / source.file).write_bytes(b"something else")

    def bring(source: Source, folder: Path) -> None:
        (folder / source.file).write_bytes(CONTENT)

    assert obtain(_source(), tmp_path, None, [forge, bring]).read_bytes() == CONTENT
    (tmp_path / "thing-1.tar.gz").write_bytes(b"changed since")
    with pytest.raises(ImageNotBuilt) as caught:
        obtain(_source("https://its.authors/thing"), tmp_path, None, [forge])
    assert str(caught.value) == (
        "thing-1.tar.gz cannot be had:\n"
        "  elsewhere: it brought a file with another hash\n"
        "Fetch it yourself (https://its.authors/thing) and pass --source thing=PATH."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_callers_is_the_only_one_that_will_do(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    with pytest.raises(ConfigurationError, match="there is no such file"):
        obtain(_source(), tmp_path, mine, [])
    mine.write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match="this is not thing-1.tar.gz"):
        obtain(_source(), tmp_path, mine, [])
    mine.write_bytes(CONTENT)
    assert obtain(_source(), tmp_path, mine, []) == mine


def _pack(path: Path, name: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    return path


def test_an_archive_is_unpacked_anew(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "thing-1").mkdir(parents=True)
    (work / "thing-1" / "left.over").touch()
    folder = unpack(_pack(tmp_path / "a", "thing-1/file"), _source(), work)
    assert [path.name for path in folder.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["../outside", "/outside", "thing-1/../../outside"])
def test_an_archive_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(ImageNotBuilt):
        unpack(_pack(tmp_path / "a", name), _source(), work)
    assert not (tmp_path / "outside").exists()


@pytest.fixture
def without_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python was before 3.11.4, which a distribution may still have."""
    if sys.version_info >= (3, 12):
        pytest.skip("every Python 3.12 has filters of archives (PEP 706)")
    monkeypatch.delattr(tarfile, "data_filter", raising=False)


@pytest.mark.usefixtures("without_filters")
def test_an_older_python_unpacks_as_well(tmp_path: Path) -> None:
    folder = unpack(_pack(tmp_path / "a", "thing-1/file"), _source(), tmp_path / "work")
    assert [path.name for path in folder.iterdir()] == ["file"]
    with tarfile.open(tmp_path / "b", "w:gz") as tar:
        link = tarfile.TarInfo("thing-1/deep/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../file"
        tar.addfile(link)
    folder = unpack(tmp_path / "b", _source(), tmp_path / "other")
    assert (folder / "deep" / "link").readlink() == Path("../file")


@pytest.mark.usefixtures("without_filters")
@pytest.mark.parametrize(
    ("kind", "name", "target"),
    [
        (tarfile.REGTYPE, "../outside", ""),
        (tarfile.REGTYPE, "/outside", ""),
        (tarfile.REGTYPE, "thing-1/../../outside", ""),
        (tarfile.SYMTYPE, "thing-1/link", "../../outside"),
        (tarfile.SYMTYPE, "thing-1/link", "/outside"),
        (tarfile.LNKTYPE, "thing-1/link", "../outside"),
        (tarfile.CHRTYPE, "thing-1/device", ""),
        (tarfile.FIFOTYPE, "thing-1/pipe", ""),
    ],
)
def test_an_older_python_refuses_what_leads_out(
    tmp_path: Path, kind: bytes, name: str, target: str
) -> None:
    with tarfile.open(tmp_path / "a", "w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        tar.addfile(entry)
    with pytest.raises(ImageNotBuilt, match="leads out of the folder, or is no file"):
        unpack(tmp_path / "a", _source(), tmp_path / "work")
    assert not (tmp_path / "outside").exists()


def test_what_is_no_archive_or_another_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no archive")
    with pytest.raises(ImageNotBuilt, match="cannot be unpacked"):
        unpack(tmp_path / "a", _source(), tmp_path)
    with pytest.raises(ImageNotBuilt, match="holds no thing-1"):
        unpack(_pack(tmp_path / "b", "other-1/file"), _source(), tmp_path)
