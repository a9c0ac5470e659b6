"""Fetching the image, from Debian's mirror to the cache. Nothing is installed."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from ringfence.errors import ConfigurationError, ImageNotBuilt, ImageNotUsable
from ringfence.images.cache import ImageCache, hash_file
from ringfence.images.debian import Apt
from ringfence.images.pocketpy.recipe import (
    KIND,
    LIBRARY,
    PACKAGE,
    RELEASE,
    VERSION,
    Build,
    find_build,
    image_key,
)

__all__ = ["FETCH", "fetch_image", "find_library", "read_library"]

FETCH = f"ringfence image fetch {KIND}"
"""The command that makes it."""

_MAGIC = b"!<arch>\n"
_MOST_PARTS = 8
_MOST_MEMBERS = 64
_HEADER = 60

Say = Callable[[str], None]


def find_library(cache: ImageCache | None = None) -> Path:
    """The library that fits this machine, checked.

    Raises:
        ImageNotBuilt: there is none for it.
        ImageNotUsable: it was not fetched, or is not what was kept.
    """
    build = find_build()
    found = (cache or ImageCache()).find(KIND, image_key(), remedy=FETCH)
    if found is None:
        raise ImageNotUsable(f"the image {KIND} was not fetched for this version: {FETCH}")
    library = found / LIBRARY
    if not library.is_file() or hash_file(library) != build.library:
        raise ImageNotUsable(f"{library} is not PocketPy {VERSION}; fetch it anew: {FETCH} --again")
    return library


def fetch_image(
    cache: ImageCache, say: Say, given: Path | None = None, *, anew: bool = False
) -> Path:
    """The folder of the image; fetched if it is not there, which takes seconds.

    Args:
        cache: where it is kept.
        say: is told each step as it begins.
        given: Debian's package, or the library in it, which is then the only one that will do.
        anew: fetch it even if it is there.

    Raises:
        ConfigurationError: ``given`` is something else.
        ImageNotBuilt: it cannot be had.
        ImageNotUsable: the cache is open to others.
    """
    build = find_build()
    if given is not None:
        _check_given(build, given)
    key = image_key()
    with cache.locked(KIND):
        if not anew:
            try:
                found = cache.find(KIND, key, remedy=FETCH)
            except ImageNotUsable as error:  # what is there is of no use to anybody
                say(f"fetching again: {error}")
                found = None
            if found is not None:
                return found
        library = _obtain(build, cache, say, given)
        # Readable, for the process in the jail that loads it may be nobody's.
        return cache.publish(KIND, key, {LIBRARY: library}, readable=True)


def _check_given(build: Build, given: Path) -> None:
    if not given.is_file():
        raise ConfigurationError(f"--source {given}: there is no such file")
    if hash_file(given) not in (build.package, build.library):
        raise ConfigurationError(
            f"--source {given}: this is neither {build.file} (its SHA-256 is not {build.package}) "
            f"nor the {LIBRARY} in it ({build.library})"
        )


def _obtain(build: Build, cache: ImageCache, say: Say, given: Path | None) -> bytes:
    """The library, checked."""
    if given is not None and hash_file(given) == build.library:
        return given.read_bytes()
    package = given
    if package is None:
        downloads = cache.make_private("downloads")
        package = downloads / build.file
        if not (package.is_file() and hash_file(package) == build.package):
            say(f"fetching {build.file} through apt-get")
            _download(build, downloads)
    return read_library(package, build)


def _download(build: Build, downloads: Path) -> None:
    path = downloads / build.file
    path.unlink(missing_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=downloads) as state:  # lists that nobody needs again
            Apt(Path(state)).download(PACKAGE, VERSION, RELEASE, build.architecture, downloads)
        if not path.is_file():
            raise OSError(f"apt-get brought no {build.file}")
        if hash_file(path) != build.package:
            raise OSError("apt-get brought a file with another hash")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ImageNotBuilt(
            f"{build.file} cannot be had: {error}\nFetch it yourself (it is the package {PACKAGE} "
            f"{VERSION} of Debian's {RELEASE}, for {build.architecture}) and pass --source PATH."
        ) from error


def read_library(package: Path, build: Build) -> bytes:
    """The one file of the package that is used; nothing is unpacked to a disk. deb(5).

    Raises:
        ImageNotBuilt: the package has no such file, or it is another one.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_data_of(package.read_bytes()))) as tar:
            for _, member in zip(range(_MOST_MEMBERS), tar, strict=False):
                if member.name == build.member.removeprefix("./") or member.name == build.member:
                    file = tar.extractfile(member) if member.size == build.size else None
                    data = file.read(build.size) if file is not None else b""
                    if hashlib.sha256(data).hexdigest() == build.library:
                        return data
                    break
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ImageNotBuilt(f"{package} cannot be read: {error}") from error
    raise ImageNotBuilt(f"{package} does not hold the {LIBRARY} that is expected")


def _data_of(archive: bytes) -> bytes:
    """The part of a package that holds its files. ar(5), as dpkg writes it.

    Raises:
        ValueError: it is no package.
    """
    if not archive.startswith(_MAGIC):
        raise ValueError("it is no package of Debian's")
    at = len(_MAGIC)
    for _ in range(_MOST_PARTS):
        header = archive[at : at + _HEADER]
        if len(header) < _HEADER:
            break
        size = int(header[48:58])
        begin = at + _HEADER
        if header[:16].startswith(b"data.tar"):
            return archive[begin : begin + size]
        at = begin + size + size % 2
    raise ValueError("it is a package without files")
