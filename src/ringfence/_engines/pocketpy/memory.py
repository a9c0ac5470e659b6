"""Memory that a guest shares with the host: an anonymous file that both map. memfd_create(2)."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import sys
from collections.abc import Iterator

from ringfence.errors import EngineFailure

__all__ = ["shared_memory"]

_SEALS = 0x1 | 0x2 | 0x4  # F_SEAL_SEAL, _SHRINK, _GROW of linux/fcntl.h
_ADD_SEALS = 1033
_UNTRACKED = {"trackfd": False} if sys.version_info >= (3, 13) else {}


@contextlib.contextmanager
def shared_memory(size: int) -> Iterator[tuple[mmap.mmap, int]]:
    """New memory, all zeros, of a size that nobody can change, and a descriptor of it to hand to
    one guest within the block.

    Raises:
        EngineFailure: the machine has run out of descriptors or memory.
    """
    try:
        descriptor = os.memfd_create("ringfence-window", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError as error:
        raise EngineFailure(f"no memory to share with a guest: {error}") from error
    try:
        try:
            os.ftruncate(descriptor, size)
            memory = mmap.mmap(descriptor, size, **_UNTRACKED)
            fcntl.fcntl(descriptor, _ADD_SEALS, _SEALS)
        except (OSError, MemoryError) as error:
            raise EngineFailure(f"no {size} bytes to share with a guest: {error}") from error
        yield memory, descriptor
    finally:
        os.close(descriptor)
