"""Takes the gaps between objects away, so that what is made next lies together.

The interpreter puts a new object where one of its size was, which may be on any page. What a guest
uses most is made last, and each page that a guest writes to becomes its own: there are fewer where
nothing else lies between. CPython has pools of 16 KiB, each for objects of one size.
"""

from __future__ import annotations

import gc

__all__ = ["fill_gaps"]

_STEP, _LARGEST = 16, 512  # bytes: the sizes that have pools
_POOL = 16 << 10
_HEADER = bytes.__basicsize__
_ENOUGH = 1 << 14  # objects: an interpreter with that many gaps has another allocator

_kept: list[list[object]] = []


def fill_gaps() -> None:
    """Fill what is free among the objects of each size, for good, until new ones lie in a row; in a
    process that keeps what it has. Takes some milliseconds, and some hundreds of kilobytes.
    """
    gc.collect()  # which also empties the interpreter's own lists of free objects
    for size in range(2 * _STEP, _LARGEST + 1, _STEP):
        wanted = _POOL // size // 2
        fillers: list[object] = []
        row = end = 0
        while row < wanted and len(fillers) < _ENOUGH:
            # No object of bytes is as small as a number.
            fillers.append(bytes(size - _HEADER) if size > _HEADER else float(end))
            row = row + 1 if id(fillers[-1]) == end else 1
            end = id(fillers[-1]) + size
        if row == wanted:
            del fillers[-row:]
            _kept.append(fillers)
