"""Objects whose references are not counted: all that there is in a process before it forks.

A reference is counted in the object itself, so to use one is to write to its page, which is then a
copy of the guest's own. Objects that are immortal (PEP 683, from CPython 3.12 on) are never written
to for that. Nothing makes them so from Python; what marks them is taken from ``None``, which is
one. They are never freed, so this is for a process that keeps what it has, and ends by ``_exit``.
"""

from __future__ import annotations

import ctypes
import gc
import struct
import sys
import types
from typing import Any

__all__ = ["make_all_immortal"]

_FIRST, _LAST = (3, 12), (3, 13)  # where an object begins with its count, and the mark is the same
_MARK = 0xFFFF_FFFF
_COUNT = struct.Struct("=Q")


def make_all_immortal() -> int:
    """Make every object immortal that the collector knows, and all that those refer to; while
    there is one thread. Returns how many; 0 where this interpreter's counts are not known.
    """
    if not _is_known():
        return 0
    gc.collect()
    objects = _reachable()
    put = ctypes.c_uint64.from_address
    for one in objects:
        put(id(one)).value = _MARK
    return len(objects)


def _is_known() -> bool:
    if sys.implementation.name != "cpython" or not _FIRST <= sys.version_info[:2] <= _LAST:
        return False
    if "t" in sys.abiflags or sys.byteorder != "little":  # where threads are free there are two
        return False
    return struct.calcsize("P") == _COUNT.size and _count_of(None) == _MARK


def _count_of(one: object) -> int:
    (count,) = _COUNT.unpack(ctypes.string_at(id(one), _COUNT.size))
    return int(count)


def _reachable() -> list[Any]:
    found: dict[int, Any] = {}
    pending = gc.get_objects()
    while pending:
        one = pending.pop()
        if id(one) not in found and one is not pending and one is not found:
            found[id(one)] = one
            pending += gc.get_referents(one)
            if isinstance(one, types.CodeType):  # it is not tracked, and does not tell
                pending += _parts(one)
    return list(found.values())


def _parts(code: types.CodeType) -> list[Any]:
    return [
        code.co_consts, code.co_names, code.co_filename, code.co_name, code.co_qualname,
        code.co_linetable, code.co_exceptiontable,
    ]  # fmt: skip
