"""Fetching the image, from the registry to native code."""

from __future__ import annotations

import dataclasses
import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path

from ringfence.errors import ConfigurationError, ImageNotBuilt, ImageNotUsable
from ringfence.images.cache import ImageCache, hash_file
from ringfence.images.micro.recipe import (
    ARCHIVE,
    KIND,
    MODULE,
    PACKAGE,
    SCOPE,
    VERSION,
    image_key,
)
from ringfence.images.npm import archive_address, find_registry
from ringfence.images.sources import Source, download
from ringfence.wasm.emscripten import AFTER, BEFORE, MAIN, support_modules
from ringfence.wasm.engine import (
    WasmtimeError,
    compile_module,
    compile_text,
    functions_imported,
    make_embedded_engine,
)

__all__ = ["FETCH", "code_file", "fetch_image", "find_image", "read_module"]

FETCH = f"ringfence image fetch {KIND}"
"""The command that makes it."""

_MOST_MEMBERS = 32

Say = Callable[[str], None]


def code_file(part: str) -> str:
    """The file with the native code of *before*, *main* or *after*."""
    return f"{part}.cwasm"


def find_image(cache: ImageCache | None = None) -> Path:
    """The folder of the image that fits this installation, every file checked.

    Raises:
        ImageNotUsable: it was not fetched, or is not what was kept.
    """
    found = (cache or ImageCache()).find(KIND, image_key(), remedy=FETCH)
    if found is None:
        raise ImageNotUsable(f"the image {KIND} was not fetched for this version: {FETCH}")
    return found


def fetch_image(
    cache: ImageCache, say: Say, given: Path | None = None, *, anew: bool = False
) -> Path:
    """The folder of the image; fetched and compiled if it is not there, which takes seconds.

    Args:
        cache: where it is kept.
        say: is told each step as it begins.
        given: the package's archive, or the module in it, which is then the only one that will do.
        anew: fetch it even if it is there.

    Raises:
        ConfigurationError: ``given``, or the registry that is set, is something else.
        ImageNotBuilt: it cannot be had or compiled.
        ImageNotUsable: the cache is open to others.
    """
    if given is not None:
        _check_given(given)
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
        module = _obtain(cache, say, given)
        say("compiling it to native code")
        return cache.publish(KIND, key, _compile(module))


def _check_given(given: Path) -> None:
    if not given.is_file():
        raise ConfigurationError(f"--source {given}: there is no such file")
    if hash_file(given) not in (*ARCHIVE.sha256, MODULE.sha256):
        raise ConfigurationError(
            f"--source {given}: this is neither the archive of {PACKAGE} {VERSION} (its SHA-256 is "
            f"not {ARCHIVE.sha256[0]}) nor its {MODULE.name} ({MODULE.sha256})"
        )


def _obtain(cache: ImageCache, say: Say, given: Path | None) -> bytes:
    """The module, checked."""
    if given is not None and hash_file(given) == MODULE.sha256:
        return given.read_bytes()
    archive = given
    if archive is None:
        downloads = cache.make_private("downloads")
        archive = downloads / ARCHIVE.file
        if not (archive.is_file() and hash_file(archive) in ARCHIVE.sha256):
            _download(downloads, say)
    return read_module(archive)


def _download(downloads: Path, say: Say) -> None:
    """Put the archive into a folder, from the registry that this machine uses."""
    address = archive_address(find_registry(SCOPE), PACKAGE, VERSION)
    say(f"fetching {address}")
    source: Source = dataclasses.replace(ARCHIVE, addresses=(address,))
    path = downloads / ARCHIVE.file
    try:
        download(source, downloads)
        if hash_file(path) not in ARCHIVE.sha256:
            raise OSError(f"{address}: it brought a file with another hash")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ImageNotBuilt(
            f"{PACKAGE} {VERSION} cannot be had: {error}\nFetch it yourself (npm pack "
            f"{PACKAGE}@{VERSION}) and pass --source PATH."
        ) from error


def read_module(archive: Path) -> bytes:
    """The one file of the package that is used; nothing is unpacked to a disk.

    Raises:
        ImageNotBuilt: the archive has no such file, or it is another one.
    """
    try:
        with tarfile.open(archive, "r|gz") as tar:
            for _, member in zip(range(_MOST_MEMBERS), tar, strict=False):
                if member.name == MODULE.name and member.isreg() and member.size == MODULE.size:
                    file = tar.extractfile(member)
                    data = file.read(MODULE.size) if file is not None else b""
                    if hashlib.sha256(data).hexdigest() == MODULE.sha256:
                        return data
                    break
                if member.size > MODULE.size:
                    break
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ImageNotBuilt(f"{archive} cannot be read: {error}") from error
    raise ImageNotBuilt(f"{archive} does not hold the {MODULE.name} that is expected")


def _compile(module: bytes) -> dict[str, bytes]:
    """The native code of all three modules, by file."""
    try:
        engine = make_embedded_engine()
        before, after = support_modules(functions_imported(engine, module))
        return {
            code_file(BEFORE): compile_text(engine, before),
            code_file(MAIN): compile_module(engine, module),
            code_file(AFTER): compile_text(engine, after),
        }
    except (WasmtimeError, ValueError) as error:
        raise ImageNotBuilt(f"{MODULE.name} cannot be compiled: {error}") from error
