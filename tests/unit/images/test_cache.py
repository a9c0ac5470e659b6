"""Images are whole, private, and what was built; or they are not used."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from ringfence.errors import EngineFailure, ImageNotUsable
from ringfence.images.cache import ImageCache, recorded_hash


@pytest.fixture
def cache(tmp_path: Path) -> ImageCache:
    return ImageCache(tmp_path / "cache")


def _publish(cache: ImageCache, tmp_path: Path, content: bytes = b"code") -> Path:
    built = tmp_path / "built"
    built.write_bytes(content)
    return cache.publish("kind", "key", {"image": built})


def test_what_was_not_built_is_not_there(cache: ImageCache) -> None:
    assert cache.find("kind", "key") is None


def test_what_was_built_is_found_and_closed_to_others(cache: ImageCache, tmp_path: Path) -> None:
    folder = _publish(cache, tmp_path)
    assert cache.find("kind", "key") == folder
    assert (folder / "image").read_bytes() == b"code"
    for place in (folder, folder.parent, cache.images, cache.root):
        assert place.stat().st_mode & 0o777 == 0o700
    assert (folder / "image").stat().st_mode & 0o777 == 0o600


def test_what_guests_are_shown_can_be_read_by_them_and_is_reached_by_nobody(
    cache: ImageCache,
) -> None:
    folder = cache.publish("kind", "key", {"files/a/b.py": b"1", "files/c": b"2"}, readable=True)
    assert cache.find("kind", "key") == folder
    assert (folder / "files/a/b.py").read_bytes() == b"1"
    modes = {str(p.relative_to(folder)): p.stat().st_mode & 0o777 for p in folder.rglob("*")}
    assert modes["files"] == modes["files/a"] == 0o755
    assert modes["files/a/b.py"] == modes["files/c"] == 0o644
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "files/a/b.py").write_bytes(b"3")
    with pytest.raises(ImageNotUsable, match="is not the file that was built"):
        cache.find("kind", "key")


def test_building_again_replaces(cache: ImageCache, tmp_path: Path) -> None:
    _publish(cache, tmp_path)
    folder = _publish(cache, tmp_path, b"other")
    assert (folder / "image").read_bytes() == b"other"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["key"]


def test_a_file_that_was_changed_is_refused_by_name(cache: ImageCache, tmp_path: Path) -> None:
    folder = _publish(cache, tmp_path)
    (folder / "image").write_bytes(b"evil")
    with pytest.raises(ImageNotUsable) as caught:
        cache.find("kind", "key")
    assert str(caught.value) == (
        f"{folder / 'image'} is not the file that was built; remove {folder} and build it again: "
        "ringfence image build kind"
    )


def test_what_a_file_was_when_it_was_built_is_on_record(cache: ImageCache, tmp_path: Path) -> None:
    folder = _publish(cache, tmp_path)
    (folder / "image").write_bytes(b"other")
    assert recorded_hash(folder, "image") == hashlib.sha256(b"code").hexdigest()
    with pytest.raises(ImageNotUsable, match=r"no record of nothing: 'nothing'; remove it"):
        recorded_hash(folder, "nothing")


def test_only_what_is_wanted_is_looked_at(cache: ImageCache, tmp_path: Path) -> None:
    folder = _publish(cache, tmp_path)
    (folder / "other").write_bytes(b"never listed")
    with pytest.raises(ImageNotUsable, match="cannot be read"):
        cache.find("kind", "key", frozenset({"other"}))
    (folder / "image").write_bytes(b"evil")
    assert cache.find("kind", "key", frozenset()) == folder
    with pytest.raises(ImageNotUsable, match="is not the file that was built"):
        cache.find("kind", "key", frozenset({"image"}))


@pytest.mark.parametrize("damage", ["missing", "not JSON", "not an object"])
def test_a_damaged_manifest_is_refused(cache: ImageCache, tmp_path: Path, damage: str) -> None:
    manifest = _publish(cache, tmp_path) / "manifest.json"
    if damage == "missing":
        manifest.unlink()
    else:
        manifest.write_text("{" if damage == "not JSON" else "[]")
    with pytest.raises(ImageNotUsable, match="cannot be read"):
        cache.find("kind", "key")


@pytest.mark.parametrize("place", ["root", "images", "kind", "key"])
def test_a_folder_that_others_may_write_to_is_refused(
    cache: ImageCache, tmp_path: Path, place: str
) -> None:
    folder = _publish(cache, tmp_path)
    opened = {"root": cache.root, "images": cache.images, "kind": folder.parent, "key": folder}
    opened[place].chmod(0o770)
    with pytest.raises(ImageNotUsable, match=f"{opened[place]} is open to others"):
        cache.find("kind", "key")


def test_a_folder_of_somebody_else_is_refused(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(cache, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with pytest.raises(ImageNotUsable, match="belongs to somebody else"):
        cache.find("kind", "key")


def test_a_folder_that_may_not_be_looked_at_is_refused(cache: ImageCache) -> None:
    cache.make_private("images", "kind")
    key = "k" * 300  # what the system refuses to every user
    with pytest.raises(ImageNotUsable) as caught:
        cache.find("kind", key)
    assert str(caught.value) == (
        f"{cache.images / 'kind' / key} cannot be looked at: File name too long; if it is another "
        "user's, set XDG_CACHE_HOME to a folder of your own"
    )


def test_a_link_in_place_of_a_folder_is_refused(cache: ImageCache, tmp_path: Path) -> None:
    folder = _publish(cache, tmp_path)
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    with pytest.raises(ImageNotUsable, match="is no folder"):
        cache.find("kind", "key")


def test_nobody_without_a_home_has_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(ImageNotUsable, match="no home folder"):
        ImageCache()


def test_what_is_kept_is_listed_and_removed(cache: ImageCache, tmp_path: Path) -> None:
    assert cache.kept() == []
    _publish(cache, tmp_path, b"x" * 10_000)
    cache.make_private("build", "kind-1")
    kept = cache.kept()
    assert [(one.kind, one.key) for one in kept] == [("kind", "key"), ("build", "kind-1")]
    assert kept[0].size >= 10_000
    cache.remove(kept[0])
    assert [one.kind for one in cache.kept()] == ["build"]
    assert cache.find("kind", "key") is None


def test_what_cannot_be_removed_is_named(cache: ImageCache, tmp_path: Path) -> None:
    _publish(cache, tmp_path)
    (kept,) = cache.kept()
    cache.remove(kept)
    with pytest.raises(EngineFailure, match=f"{kept.folder} cannot be removed: No such file"):
        cache.remove(kept)


def test_what_is_used_stays_whole(cache: ImageCache, tmp_path: Path) -> None:
    """What cannot be renamed, as a folder on Windows that somebody runs from, is not touched."""
    folder = _publish(cache, tmp_path)
    (kept,) = cache.kept()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "rename", _refuse)
        with pytest.raises(EngineFailure, match="cannot be removed: it is used"):
            cache.remove(kept)
        with pytest.raises(EngineFailure, match="cannot be kept in .*: it is used"):
            _publish(cache, tmp_path, b"other")
    assert cache.find("kind", "key") == folder
    assert (folder / "image").read_bytes() == b"code"
    assert [one.key for one in cache.kept()] == ["key"]


def _refuse(*_: object) -> NoReturn:
    raise PermissionError(errno.EACCES, "it is used")


def test_what_goes_while_it_is_looked_at_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ImageCache(tmp_path / "ringfence")
    folder = cache.make_private("build", "wasi-0123")
    (folder / "conftest.c").write_bytes(b"1")
    walk = os.walk

    def watch(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for place in walk(top):
            (folder / "conftest.c").unlink()
            yield place

    monkeypatch.setattr(os, "walk", watch)
    assert [(one.kind, one.key, one.size) for one in cache.kept()] == [("build", "wasi-0123", 0)]
