"""``ringfence image build``, as a person calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence
from ringfence.images.cache import ImageCache, hash_file
from ringfence.images.wasi.build import MODULE, find_image
from ringfence.images.wasi.recipe import image_key, interpreter_key
from tests.support.snapshots import KEY, forged


def _build(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "image", "build", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def test_one_that_is_there_is_found() -> None:
    assert _build("wasi") == (0, f"{find_image()}\n", "")


def test_wrong_options() -> None:
    assert _build("python") == (2, "", "ringfence: image 'python': there are wasi\n")
    assert _build("wasi", "--source", "cpython") == (
        2,
        "",
        "ringfence: --source cpython: write NAME=PATH\n",
    )
    assert _build("wasi", "--source", "perl=/x") == (
        2, "", "ringfence: --source perl=…: the sources are cpython, zlib, sqlite\n"
    )  # fmt: skip
    assert _build("wasi", "--source", "zlib=/none") == (
        2, "", "ringfence: --source zlib=/none: there is no such file\n"
    )  # fmt: skip


def test_another_file_in_place_of_a_source(tmp_path: Path) -> None:
    forged = tmp_path / "zlib.tar.gz"
    forged.write_bytes(b"something else")
    status, out, err = _build("wasi", "--source", f"zlib={forged}")
    assert (status, out) == (2, "")
    assert err.startswith(
        f"ringfence: --source zlib={forged}: this is not zlib-1.3.1.tar.gz (its SHA-256 is not "
    )


def test_a_cache_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    root = tmp_path / "ringfence"
    root.mkdir()
    root.chmod(0o777)
    assert _build("wasi", XDG_CACHE_HOME=str(tmp_path)) == (
        6,
        "",
        f"ringfence: failed: {root} is open to others, and holds code that would be run: "
        f"chmod 700 {root}\n",
    )
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("way", ["XDG_CACHE_HOME", "HOME"])
def test_where_it_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    from ringfence.errors import ImageNotUsable
    from ringfence.images.cache import ImageCache

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(way, str(tmp_path))
    expected = tmp_path if way == "XDG_CACHE_HOME" else tmp_path / ".cache"
    assert ImageCache().root == expected / "ringfence"
    with pytest.raises(ImageNotUsable) as caught:
        find_image()
    assert str(caught.value) == (
        "the image wasi was not built for this version: ringfence image build wasi"
    )


def _image(command: str, home: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "image", command, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(home), "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
    )
    lines = (line.rstrip() for line in done.stdout.splitlines())  # a table is written in its width
    return done.returncode, "".join(f"{line}\n" for line in lines), done.stderr


def test_what_other_versions_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path / "ringfence")
    key = image_key()
    used = [
        cache.publish("wasi", key, {"image": b"1"}),
        cache.publish("packages-file", f"aa-{key}", {"archive": b"1"}),
        cache.publish("packages-tree", "bb", {"files/a": b"1"}),
        cache.make_private("build", f"wasi-{interpreter_key()}"),
    ]
    other = [
        cache.publish("packages-file", "aa-0123", {"archive": b"1"}),
        cache.publish("wasi", "0123", {"image": bytes(3 << 20)}),
        cache.make_private("build", "wasi-0123"),
    ]
    names = "packages-file aa-0123, 0 MiB", "wasi 0123, 3 MiB", "build wasi-0123, 0 MiB"
    said = "".join(f"would remove {name}\n" for name in names) + "3 MiB would be free\n"
    assert _image("prune", tmp_path, "--pretend") == (0, said, "")
    assert all(folder.exists() for folder in other)
    said = "".join(f"removed {name}\n" for name in names) + "3 MiB are free\n"
    assert _image("prune", tmp_path) == (0, said, "")
    assert not any(folder.exists() for folder in other)
    assert all(folder.exists() for folder in used)
    assert _image("prune", tmp_path) == (0, "0 MiB are free\n", "")


def test_images_that_are_not_here_are_listed_with_what_makes_them(tmp_path: Path) -> None:
    assert _image("list", tmp_path) == (
        0,
        "wasi      not here  ringfence image build wasi\n"
        "micro     not here  ringfence image fetch micro\n"
        "pocketpy  not here  ringfence image fetch pocketpy\n",
        "",
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_here_is_listed_with_what_is_beside_it(tmp_path: Path) -> None:
    cache, key = ImageCache(tmp_path / "ringfence"), image_key()
    folder = cache.publish("wasi", key, {MODULE: bytes(2 << 20)})
    cache.publish("packages-file", f"aa-{key}", {"archive": b"1"})
    cache.make_private("build", f"wasi-{interpreter_key()}")
    cache.publish("wasi", "0123", {"image": bytes(3 << 20)})
    cache.publish("packages-file", "aa-0123", {"archive": b"1"})
    name = hash_file(folder / MODULE)[:24]
    assert _image("list", tmp_path) == (
        0,
        f"wasi               2 MiB  {folder}\n"
        f"                          {name} in snapshots\n"
        "micro           not here  ringfence image fetch micro\n"
        "pocketpy        not here  ringfence image fetch pocketpy\n"
        "packages           0 MiB  1 that guests were lent\n"
        "build              0 MiB  what the next build goes on from\n"
        "other versions     3 MiB  2 folders: ringfence image prune\n",
        "",
    )
    status, out, err = _image("list", tmp_path, "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    (wasi, micro, pocketpy) = told["images"]
    assert wasi.pop("size") >= 2 << 20
    assert wasi == {
        "kind": "wasi",
        "key": key,
        "folder": str(folder),
        "named_in_snapshots": name,
        "remedy": None,
    }
    for image in (micro, pocketpy):
        assert image["remedy"] == f"ringfence image fetch {image['kind']}"
        assert (image["folder"], image["size"], image["named_in_snapshots"]) == (None, None, None)
    folders = {what: told[what]["folders"] for what in ("packages", "build", "other_versions")}
    assert folders == {"packages": 1, "build": 1, "other_versions": 2}


def test_a_snapshot_is_refused_by_the_name_that_is_listed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "image", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    listed = json.loads(done.stdout)["images"][0]["named_in_snapshots"]
    with ringfence.Sandbox(engine="wasi") as box:
        state = forged(box.snapshot(key=KEY), image="0123")
    with pytest.raises(ringfence.StateRefused, match=f"and this is {listed} of wasi"):
        ringfence.Sandbox.restore(state, key=KEY, engine="wasi")


@pytest.mark.parametrize("command", ["list", "prune"])
def test_without_wasmtime_nobody_knows_what_is_of_this_version(
    tmp_path: Path, command: str
) -> None:
    hide = "import sys; sys.modules['wasmtime'] = None; sys.argv[0] = 'ringfence'\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + "from ringfence.cli.app import app; app()", "image", command],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "ringfence: this command needs Wasmtime: pip install 'ringfence[wasi]'\n"
    )
