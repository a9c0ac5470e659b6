"""What an instance's memory holds beyond its image: the pages that it has written to.

Linux knows them: memory is mapped from the image, copy-on-write, so a page that is not a file's any
more is the instance's own. proc_pid_pagemap(5). Elsewhere the memory is compared with that of an
instance that has never run.

A *delta* is a head and a number of runs, all numbers unsigned and little-endian::

    bytes of memory (8) | number of runs (4) | of each run: first page (4), number of pages (4)
    the pages of all runs, in this order
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ringfence.wasm.instance import Instance

__all__ = [
    "SIZE",
    "Delta",
    "DeltaRefused",
    "apply",
    "changed_pages",
    "own_pages",
    "own_spans",
    "touch",
]

SIZE = 4096
"""Bytes of a page of a delta: the kernel's where it is asked."""

_PIECE = 16 * SIZE
"""Bytes that are compared at once: a page of linear memory, of which there is no part."""

_HEAD = struct.Struct("<QI")
_RUN = struct.Struct("<II")
_ENTRY = 8
_PRESENT, _SWAPPED, _FILE = 0x80, 0x40, 0x20  # in the last byte of an entry
_OWN = bytes(bool(flags & (_PRESENT | _SWAPPED)) and not flags & _FILE for flags in range(256))
_RUNS = re.compile(b"\x01+")
_MOST_RUNS = 1 << 20


class DeltaRefused(Exception):
    """These bytes are no delta of this instance's, or it has no room for them."""


class Delta(NamedTuple):
    """The pages of an instance, where they are; valid until it runs.

    Attributes:
        head: which pages there are.
        runs: their bytes.
    """

    head: bytes
    runs: list[memoryview]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.head) + sum(map(len, self.runs))


def own_pages(instance: Instance, pagemap: int, shared: Sequence[tuple[int, int]] = ()) -> Delta:
    """The delta of an instance that is not running.

    Args:
        instance: of this process.
        pagemap: a descriptor of /proc/self/pagemap.
        shared: what every instance of the image has at the same places, and never writes to: of
            each the first byte, and the one behind the last. Its pages are left out.
    """
    return _delta(instance, own_spans(instance, pagemap, shared))


def changed_pages(
    instance: Instance, original: Instance, shared: Sequence[tuple[int, int]] = ()
) -> Delta:
    """The same, where the kernel is not asked: takes some ten milliseconds.

    Args:
        instance: of this process.
        original: one of the same module that has never run.
        shared: see :func:`own_pages`.
    """
    known, size = original.size, instance.size
    empty = bytes(_PIECE)
    flags = bytearray(size // SIZE)
    for place in range(0, size, _PIECE):
        now = bytes(instance.view(place, _PIECE))
        before = bytes(original.view(place, _PIECE)) if place < known else empty
        if now != before:
            for page in range(0, _PIECE, SIZE):
                differs = now[page : page + SIZE] != before[page : page + SIZE]
                flags[(place + page) // SIZE] = differs
    return _delta(instance, _spans(bytes(flags), shared))


def _delta(instance: Instance, spans: Sequence[tuple[int, int]]) -> Delta:
    head = _HEAD.pack(instance.size, len(spans))
    head += b"".join([_RUN.pack(first, end - first) for first, end in spans])
    return Delta(head, [instance.view(a * SIZE, (b - a) * SIZE) for a, b in spans])


def own_spans(
    instance: Instance, pagemap: int, shared: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, int]]:
    """The pages that an instance has written to: of each run the first, and the one behind it."""
    size = instance.size
    entries = os.pread(pagemap, size // SIZE * _ENTRY, instance.address // SIZE * _ENTRY)
    return _spans(entries[_ENTRY - 1 :: _ENTRY].translate(_OWN), shared)


def _spans(flags: bytes, shared: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The runs of pages that have a flag, beside those that are shared."""
    for start, behind in shared:
        first, end = -(-start // SIZE), behind // SIZE
        if first < end:
            flags = flags[:first] + bytes(end - first) + flags[end:]
    return [match.span() for match in _RUNS.finditer(flags)]


def touch(instance: Instance, spans: Sequence[tuple[int, int]]) -> None:
    """Make pages the instance's own, with what is in them, before its code has to wait for that."""
    for first, end in spans:
        run = instance.view(first * SIZE, (end - first) * SIZE)
        for place in range(0, len(run), SIZE):
            run[place] = run[place]


def apply(instance: Instance, read_into: Callable[[memoryview], None]) -> None:
    """Make an instance that has never run what another was whose delta is read.

    Args:
        instance: of the same image.
        read_into: fills a buffer with what comes next.

    Raises:
        DeltaRefused: it was not made by :func:`own_pages`, or is more than the instance may have.
    """
    head = bytearray(_HEAD.size)
    read_into(memoryview(head))
    size, count = _HEAD.unpack(head)
    if count > _MOST_RUNS or size % SIZE:
        raise DeltaRefused("its head is damaged")
    if not instance.grow(size):
        raise DeltaRefused(f"its memory of {size:,} bytes is more than the guest may have")
    table = bytearray(count * _RUN.size)
    read_into(memoryview(table))
    for first, length in _checked(table, size // SIZE):
        read_into(instance.view(first * SIZE, length * SIZE))


def _checked(table: bytearray, pages: int) -> Iterator[tuple[int, int]]:
    end = 0
    for first, length in _RUN.iter_unpack(table):
        if first < end or length == 0 or first + length > pages:
            raise DeltaRefused("its pages are not in order, or not of this memory")
        end = first + length
        yield first, length
