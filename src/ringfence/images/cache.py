"""Where built images are kept: below the user's cache folder, private, whole or not at all.

An image may be native code, so whoever can write to it runs code as this user. Each folder must
therefore belong to this user and be closed to others, and each file must have the hash that was
noted when it was built.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ringfence.errors import EngineFailure, ImageNotUsable
from ringfence.system.access import access_of, how_to_close, make_private_folder
from ringfence.system.folders import cache_folder
from ringfence.system.links import is_link
from ringfence.system.locks import locked

__all__ = ["ImageCache", "Kept", "hash_file", "recorded_hash"]

_MANIFEST = "manifest.json"
_PIECE = 1 << 20


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _default_root() -> Path:
    """The user's cache folder.

    Raises:
        ImageNotUsable: nobody knows where this user's files belong.
    """
    try:
        return cache_folder()
    except RuntimeError:
        raise ImageNotUsable(
            "this user has no home folder to keep images in; set XDG_CACHE_HOME to a folder"
        ) from None


class Kept(NamedTuple):
    """A folder of the cache.

    Attributes:
        kind: what is kept: the kind of an image, or ``"build"`` for what is needed to build one.
        key: which one.
        folder: where.
        size: bytes on the disk.
    """

    kind: str
    key: str
    folder: Path
    size: int


class ImageCache:
    """The images of one user.

    Args:
        root: the folder; None is the user's cache folder.

    Raises:
        ImageNotUsable: there is no such folder to be had.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = _default_root() if root is None else root
        self.images = self.root / "images"

    # --- what is there ---------------------------------------------------------------------

    def find(
        self,
        kind: str,
        key: str,
        wanted: frozenset[str] | None = None,
        *,
        remedy: str = "",
    ) -> Path | None:
        """The folder of an image, every file of it checked; None where it was not built.

        Args:
            kind: what the image is called.
            key: of the image.
            wanted: the files that will be used, where only they are to be checked.
            remedy: the command that makes it anew, if it is not ``ringfence image build``.

        Raises:
            ImageNotUsable: others could have written to it, a file is not what was built, or this
                user may not look.
        """
        folder = self.images / kind / key
        try:
            folder.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ImageNotUsable(
                f"{folder} cannot be looked at: {error.strerror}; if it is another user's, set "
                "XDG_CACHE_HOME to a folder of your own"
            ) from error
        for place in (self.root, self.images, self.images / kind, folder):
            _check_private(place)
        again = remedy or f"ringfence image build {kind}"
        try:
            hashes = _read_manifest(folder)
            for name in hashes.keys() if wanted is None else wanted:
                if hash_file(folder / name) != hashes[name]:
                    raise ImageNotUsable(
                        f"{folder / name} is not the file that was built; remove {folder} and "
                        f"build it again: {again}"
                    )
        except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
            raise ImageNotUsable(
                f"{folder} cannot be read: {error}; remove it and build it again: {again}"
            ) from error
        return folder

    def kept(self) -> list[Kept]:
        """All that is there, of any version, sorted; looked at, not checked."""
        homes = [(home.name, home) for home in _folders(self.images)]
        homes.append(("build", self.root / "build"))
        return [
            Kept(kind, folder.name, folder, _size(folder))
            for kind, home in homes
            for folder in _folders(home)
        ]

    def remove(self, kept: Kept) -> None:
        """Remove a folder. Guests that run from it are not disturbed; on Windows it stays as long
        as there are any.

        Raises:
            EngineFailure: it cannot be removed; says why.
        """
        try:
            with _set_aside(kept.folder) as aside:
                shutil.rmtree(aside)
        except OSError as error:
            raise EngineFailure(f"{kept.folder} cannot be removed: {_why_not(error)}") from error

    # --- building --------------------------------------------------------------------------

    def make_private(self, *parts: str) -> Path:
        """A folder below the root that belongs to this user alone; made if it is not there.

        Raises:
            ImageNotUsable: it cannot be made, or is open to others.
        """
        self.root.parent.mkdir(parents=True, exist_ok=True)
        place = self.root
        for part in (None, *parts):
            place = place if part is None else place / part
            try:
                make_private_folder(place)
            except OSError as error:
                raise ImageNotUsable(f"{place} cannot be made: {error.strerror}") from error
            _check_private(place)
        return place

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Keep other processes out that build the same; they wait."""
        path = self.make_private("locks") / f"{name}.lock"
        with locked(path):
            yield

    def publish(
        self,
        kind: str,
        key: str,
        files: Mapping[str, Path | bytes],
        *,
        readable: bool = False,
    ) -> Path:
        """Put files into the folder of an image, all at once.

        Args:
            kind: what the image is called.
            key: which one of them.
            files: by their names in that folder: bytes, or a file that is moved there.
            readable: whoever is shown a folder of the image may read what is in it.

        Raises:
            EngineFailure: the disk is full.
        """
        home = self.make_private("images", kind)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        try:
            hashes = {}
            for name, source in files.items():
                target = staging / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(source, bytes):
                    target.write_bytes(source)
                else:
                    shutil.move(source, target)
                target.chmod(0o644 if readable else 0o600)
                hashes[name] = hash_file(target)
            if readable:
                for inner in filter(Path.is_dir, staging.rglob("*")):
                    inner.chmod(0o755)
            (staging / _MANIFEST).write_text(json.dumps(hashes, indent=1), "utf-8")
            target = home / key
            with _set_aside(target) if target.exists() else contextlib.nullcontext():
                staging.rename(target)
        except OSError as error:
            raise EngineFailure(f"the image cannot be kept in {home}: {_why_not(error)}") from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return target


def recorded_hash(image: Path, name: str) -> str:
    """The hash (SHA-256, hex) that a file of an image had when it was built.

    Args:
        image: its folder, as :meth:`ImageCache.find` returned it.
        name: of the file.

    Raises:
        ImageNotUsable: there is no record of it.
    """
    try:
        return str(_read_manifest(image)[name])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ImageNotUsable(f"{image} has no record of {name}: {error}; remove it") from error


def _read_manifest(image: Path) -> dict[str, str]:
    """What was recorded of its files, unchecked.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    manifest: dict[str, str] = json.loads((image / _MANIFEST).read_text("utf-8"))
    return manifest


@contextlib.contextmanager
def _set_aside(folder: Path) -> Iterator[Path]:
    """A folder under another name, whole, which is gone afterwards as far as it can be removed; or
    back, if what follows fails.

    Windows removes no file that is used: a folder would be left with half of an image in it.

    Raises:
        OSError: it is not there, or is used.
    """
    home = Path(tempfile.mkdtemp(prefix=".old-", dir=folder.parent))
    try:
        aside = folder.rename(home / folder.name)
        try:
            yield aside
        except BaseException:
            aside.rename(folder)
            raise
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _why_not(error: OSError) -> str:
    used = sys.platform == "win32" and isinstance(error, PermissionError)
    return f"{error.strerror}{'; end the guests that run from it' if used else ''}"


def _folders(home: Path) -> list[Path]:
    """The folders in a folder that may not be there."""
    if not home.is_dir():
        return []
    return sorted(path for path in home.iterdir() if path.is_dir() and not path.is_symlink())


def _size(folder: Path) -> int:
    """Bytes on the disk. A build may be going on in it, whose files come and go."""
    size = 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with contextlib.suppress(FileNotFoundError):
                size += _size_of(Path(place, name).lstat())
    return size


def _size_of(file: os.stat_result) -> int:
    """Bytes on the disk, where the system tells; else those that are in it."""
    blocks: int | None = getattr(file, "st_blocks", None)
    return file.st_size if blocks is None else blocks * 512


def _check_private(place: Path) -> None:
    """Raise ImageNotUsable unless a folder is this user's and closed to others."""
    try:
        seen, access = place.lstat(), access_of(place)
    except OSError as error:
        raise ImageNotUsable(f"{place} cannot be looked at: {error.strerror}") from error
    if not stat.S_ISDIR(seen.st_mode) or is_link(seen):
        raise ImageNotUsable(f"{place} is no folder")
    if not access.own:
        raise ImageNotUsable(f"{place} belongs to somebody else, and holds code that would be run")
    if access.readable or access.writable:
        raise ImageNotUsable(
            f"{place} is open to others, and holds code that would be run: " + how_to_close(place)
        )
