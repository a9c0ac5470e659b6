"""Puts what guests share into huge pages, which are cheap to copy at a fork and to drop at an end.

A fork copies an entry for each page that its process has written to, and the end of a guest takes
each away again: seven thousand for an image with NumPy, a millisecond of each guest's life. A huge
page is one entry for five hundred, and is handled as one where it was split. A guest that writes to
a part of one gets a copy of four kilobytes, as ever; what it has not written to stays shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.jail import libc

__all__ = ["gather"]

_HUGE = 2 << 20
_COLLAPSE = 25


def gather(maps: str, places: Iterable[int]) -> int:
    """Collapse the heap of the calling process, and what ``places`` are in: madvise(2).

    Args:
        maps: what /proc says of its mappings.
        places: addresses; those of memory that was given back are passed over.

    Returns:
        how many huge pages there are now: none where the kernel has none to give, or is older than
        6.1.
    """
    addresses = tuple(places)
    gathered = 0
    for begin, end in _chosen(maps, addresses):
        for at in range(-(-begin // _HUGE) * _HUGE, end // _HUGE * _HUGE, _HUGE):
            try:
                libc.syscall("madvise", at, _HUGE, _COLLAPSE)
            except OSError:  # nothing was ever written there, or there is no such page left
                continue
            gathered += 1
    return gathered


def _chosen(maps: str, places: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    for line in maps.splitlines():
        span, access, _, _, _, *name = line.split(maxsplit=5)
        begin, end = (int(number, 16) for number in span.split("-"))
        if access != "rw-p" or (name and name != ["[heap]"]):
            continue
        if name or any(begin <= place < end for place in places):
            yield begin, end
