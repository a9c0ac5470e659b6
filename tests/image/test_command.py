"""``ringfence image build``, as a person calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.images.cache import ImageCache
from ringfence.images.wasi.build import find_image
from ringfence.images.wasi.recipe import image_key, interpreter_key


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


def _prune(home: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "image", "prune", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(home)},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


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
    assert _prune(tmp_path, "--pretend") == (0, said, "")
    assert all(folder.exists() for folder in other)
    said = "".join(f"removed {name}\n" for name in names) + "3 MiB are free\n"
    assert _prune(tmp_path) == (0, said, "")
    assert not any(folder.exists() for folder in other)
    assert all(folder.exists() for folder in used)
    assert _prune(tmp_path) == (0, "0 MiB are free\n", "")
