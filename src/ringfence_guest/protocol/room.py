"""Memory for one large frame."""

from __future__ import annotations

import contextlib
import sys
from typing import TypeAlias, Union

__all__ = ["Room", "make_room"]

_MAPPED_FROM = 1 << (62 if sys.platform == "win32" else 21)  # which has no huge pages for everybody

Room: TypeAlias = Union[bytearray, "mmap.mmap"]

try:
    import mmap
except ImportError:  # WebAssembly maps nothing

    def _map(size: int) -> Room:
        return bytearray(size)
else:

    def _map(size: int) -> Room:
        try:
            room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError(f"no room for a frame of {size} bytes") from error
        with contextlib.suppress(OSError):  # a kernel without them: the pages are small then
            room.madvise(mmap.MADV_HUGEPAGE)
        return room


def make_room(size: int) -> Room:
    """Memory for a large frame: a very large one is mapped, in huge pages where the kernel has
    some. To fill a bytearray with zeros, page by page, takes as long as to receive it.

    Raises:
        MemoryError: there is none.
    """
    return bytearray(size) if size < _MAPPED_FROM else _map(size)
