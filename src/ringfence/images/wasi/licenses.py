"""The licences of what is linked into the module; they go wherever it goes."""

from __future__ import annotations

from pathlib import Path

from ringfence.errors import ImageNotBuilt
from ringfence.images.wasi.recipe import CPYTHON, SQLITE, ZLIB

__all__ = ["LICENSES", "read_licenses"]

_OF_SOURCES = {
    "licenses/cpython.txt": f"{CPYTHON.folder}/LICENSE",
    "licenses/cpython-incorporated.rst": f"{CPYTHON.folder}/Doc/license.rst",
    "licenses/zlib.txt": f"{ZLIB.folder}/LICENSE",
    "licenses/sqlite.md": f"{SQLITE.folder}/LICENSE.md",
}
_OF_THE_C_LIBRARY = {
    "licenses/wasi-libc.txt": "LICENSE-MIT",  # one of three that it may be used by
    "licenses/musl.txt": "libc-top-half/musl/COPYRIGHT",
    "licenses/cloudlibc.txt": "libc-bottom-half/cloudlibc/LICENSE",
}
_OF_THE_COMPILER = {"licenses/compiler-rt.txt": "LICENSE"}

LICENSES = tuple(sorted({**_OF_SOURCES, **_OF_THE_C_LIBRARY, **_OF_THE_COMPILER}))
"""Their names in the image."""


def read_licenses(sources: Path, compiler: Path) -> dict[str, bytes]:
    """The text of each, by the name it has in the image.

    Args:
        sources: the folder that the archives were unpacked in.
        compiler: the folder of Zig, which brings the C library.

    Raises:
        ImageNotBuilt: one is not there.
    """
    places = (
        (sources, _OF_SOURCES),
        (compiler / "lib" / "libc" / "wasi", _OF_THE_C_LIBRARY),
        (compiler, _OF_THE_COMPILER),
    )
    return {name: _read(home / file) for home, files in places for name, file in files.items()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageNotBuilt(f"the licence {path} cannot be read: {error.strerror}") from error
