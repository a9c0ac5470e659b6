"""``ringfence image fetch``, as a person calls it, and against a registry that lies."""

from __future__ import annotations

import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import ImageNotBuilt, ImageNotUsable
from ringfence.images.cache import ImageCache, hash_file
from ringfence.images.micro.fetch import FETCH, code_file, find_image, read_module
from ringfence.images.micro.recipe import ARCHIVE, KIND, MODULE, PACKAGE, VERSION, image_key


def _image(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "image", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def archive() -> Path:
    """The package, as it was fetched."""
    try:
        find_image()
    except ImageNotUsable as error:
        pytest.skip(str(error))
    path = ImageCache().root / "downloads" / ARCHIVE.file
    if not path.is_file():
        pytest.skip("the image was made from a file that was given")
    return path


class _Registry(http.server.ThreadingHTTPServer):
    """Answers with one body, and notes what it was asked for."""

    body = b""
    asked: list[str]


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Registry)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        try:
            self.wfile.write(self.server.body)
        except OSError:
            pass  # it was too much, and nobody listens any more

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[_Registry]:
    with _Registry(("127.0.0.1", 0), _Answer) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _address(registry: _Registry) -> str:
    return f"http://127.0.0.1:{registry.server_address[1]}/npm"


def test_it_is_fetched_from_the_registry_that_is_set(
    archive: Path, registry: _Registry, tmp_path: Path
) -> None:
    registry.body = archive.read_bytes()
    where = {
        "XDG_CACHE_HOME": str(tmp_path),
        "NPM_CONFIG_REGISTRY": _address(registry),
        "no_proxy": "*",
    }
    status, out, err = _image("fetch", "micro", **where)
    folder = tmp_path / "ringfence" / "images" / KIND / image_key()
    assert (status, out) == (0, f"{folder}\n"), err
    assert registry.asked == [f"/npm/{PACKAGE}/-/{ARCHIVE.file}"]
    assert folder.stat().st_mode & 0o777 == 0o700
    names = {"manifest.json", *map(code_file, ("before", "main", "after"))}
    assert {path.name for path in folder.iterdir()} == names
    # What is there is found, checked, and never fetched again.
    assert _image("fetch", "micro", **where) == (0, f"{folder}\n", "")
    assert len(registry.asked) == 1
    kept = {(one.kind, one.key) for one in ImageCache(tmp_path / "ringfence").kept()}
    assert kept == {(KIND, image_key())}
    assert _image("prune", **where) == (0, "0 MiB are free\n", "")
    (folder / code_file("main")).write_bytes(b"something else")
    with pytest.raises(ImageNotUsable, match=f"build it again: {FETCH}"):
        find_image(ImageCache(tmp_path / "ringfence"))


@pytest.mark.parametrize("body", [b"", b"something else", b"x" * (ARCHIVE.size + 1)])
def test_a_registry_that_lies(registry: _Registry, tmp_path: Path, body: bytes) -> None:
    registry.body = body
    where = {
        "XDG_CACHE_HOME": str(tmp_path),
        "NPM_CONFIG_REGISTRY": _address(registry),
        "no_proxy": "*",
    }
    status, out, err = _image("fetch", "micro", **where)
    assert (status, out) == (6, "")
    assert f"{PACKAGE} {VERSION} cannot be had: " in err
    assert f"(npm pack {PACKAGE}@{VERSION}) and pass --source PATH." in err
    assert list((tmp_path / "ringfence" / "downloads").iterdir()) == []


def test_a_file_that_is_given(archive: Path, tmp_path: Path) -> None:
    module = tmp_path / "micropython.wasm"
    module.write_bytes(read_module(archive))
    assert hash_file(module) == MODULE.sha256
    where = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "NPM_CONFIG_REGISTRY": "http://127.0.0.1:9/",
    }
    status, out, _ = _image("fetch", "micro", "--source", str(module), **where)
    assert (status, bool(out)) == (0, True)
    forged = tmp_path / "forged.tgz"
    forged.write_bytes(b"something else")
    status, out, err = _image("fetch", "micro", "--source", str(forged), **where)
    assert (status, out) == (2, "")
    assert err.startswith(f"ringfence: --source {forged}: this is neither the archive of {PACKAGE}")
    assert _image("fetch", "micro", "--source", "/none", **where)[0] == 2


def test_wrong_kinds() -> None:
    assert (
        _image("fetch", "wasi")[2]
        == "ringfence: image 'wasi' is not fetched: ringfence image build wasi\n"
    )
    assert (
        _image("build", "micro")[2]
        == "ringfence: image 'micro' is not built: ringfence image fetch micro\n"
    )
    assert _image("fetch", "python")[2] == "ringfence: image 'python': there are micro, pocketpy\n"


def test_an_image_that_is_not_there_is_never_fetched_silently(tmp_path: Path) -> None:
    program = (
        "from ringfence.runtime.registry import find_evaluator as find\n"
        "from ringfence.model.evaluation import Script\n"
        "print(find('micro').availability().remedy)\n"
        "find('micro').compile([Script(source='', entry='f')])"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert done.stdout == f"fetch the image: {FETCH}\n"
    assert done.stderr.rstrip().endswith(
        f"EngineNotAvailable: micro: the image micro was not fetched for this version: {FETCH}"
    )
    assert list(tmp_path.iterdir()) == []


# --- archives that are something else --------------------------------------------------------


def _packed(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return path


def _member(
    name: str, size: int, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, target
    return member


def test_hostile_archives(tmp_path: Path) -> None:
    link = _member(MODULE.name, 0, tarfile.SYMTYPE, "/etc/passwd")
    hard = _member(MODULE.name, 0, tarfile.LNKTYPE, "package/package.json")
    other = _member(MODULE.name, MODULE.size)
    large = _member("package/large", MODULE.size + 1)
    many = [(_member(f"package/{i}", 0), b"") for i in range(100)]
    for index, members in enumerate(
        (
            [(link, b"")],
            [(hard, b"")],
            [(other, bytes(MODULE.size))],
            [(large, bytes(MODULE.size + 1))],
            many,
            [],
        )
    ):
        with pytest.raises(ImageNotBuilt, match="does not hold the package/micropython.wasm"):
            read_module(_packed(tmp_path / f"{index}.tgz", *members))
    assert {path.suffix for path in tmp_path.iterdir()} == {".tgz"}  # nothing was unpacked
    broken = tmp_path / "broken.tgz"
    broken.write_bytes(b"\x1f\x8b" + os.urandom(64))
    with pytest.raises(ImageNotBuilt, match="cannot be read"):
        read_module(broken)
