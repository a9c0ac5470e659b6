"""Shared memory that the host lends: mapped to be read, once for each piece of memory."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
from weakref import WeakValueDictionary

from ringfence_guest.channel import GuestChannel

__all__ = ["Arenas"]


class Arenas:
    """The arenas that this guest has mapped. One that nothing refers to any more is let go of."""

    def __init__(self) -> None:
        self._mapped: WeakValueDictionary[tuple[int, int], mmap.mmap] = WeakValueDictionary()
        self._written: WeakValueDictionary[tuple[int, int], mmap.mmap] = WeakValueDictionary()
        self._expected = 0
        self._descriptors: list[int] = []
        self._has_output = False
        self._kept: mmap.mmap | None = None  # what was last to be written is often so again
        self.output: memoryview | None = None
        """Memory that this guest alone may write, for the request that is being answered."""

    def take_in(self, channel: GuestChannel, count: int, *, output: bool) -> None:
        """Take what came with a request that says it has ``count`` arenas with it; the last is to
        be written if it has an ``output``.
        """
        self._close()  # those of a request that was stopped before it was read
        self._expected, self._has_output, self.output = count, output, None
        self._descriptors = channel.take_descriptors(count)

    def map(self, *, output_needed: bool) -> list[memoryview]:
        """The memory that came with the request.

        Args:
            output_needed: what comes of the request can be sent in no other way; else there is no
                ``output`` where there is no room for it.

        Raises:
            MemoryError: there is no room for it.
        """
        try:
            if len(self._descriptors) < self._expected:
                raise MemoryError("too many open files for an array of the host's")
            if self._has_output:
                with contextlib.suppress(*() if output_needed else (OSError,)):
                    self._kept = self._map(self._descriptors[-1], write=True)
                    self.output = memoryview(self._kept)
            lent = self._descriptors[: self._expected - self._has_output]
            return [memoryview(self._map(descriptor)) for descriptor in lent]
        except OSError as error:
            raise MemoryError(f"no room for an array of the host's: {error.strerror}") from None
        finally:
            self._close()

    def _close(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _map(self, descriptor: int, *, write: bool = False) -> mmap.mmap:
        seen = os.fstat(descriptor)
        key = seen.st_dev, seen.st_ino
        mapped = self._written if write else self._mapped
        known = mapped.get(key)
        if known is None:
            protection = mmap.PROT_READ | mmap.PROT_WRITE if write else mmap.PROT_READ
            known = mapped[key] = _map_shared(descriptor, seen, protection)
        return known


if sys.version_info >= (3, 13):

    def _map_shared(descriptor: int, seen: os.stat_result, protection: int) -> mmap.mmap:
        return mmap.mmap(descriptor, seen.st_size, prot=protection, trackfd=False)

else:

    def _map_shared(descriptor: int, seen: os.stat_result, protection: int) -> mmap.mmap:
        """Before 3.13 a map keeps a copy of its descriptor, which others could use; what it keeps
        is made to lead nowhere.
        """
        kept = os.dup(descriptor)  # the lowest free one: that which the map will take
        os.close(kept)
        mapped = mmap.mmap(descriptor, seen.st_size, prot=protection)
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(kept), seen):
                os.dup2(0, kept, inheritable=False)
        return mapped
