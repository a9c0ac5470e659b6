"""How running code is told to stop: by flags in its memory that it looks at anyway.

CPython looks at a byte (its *eval breaker*) in every loop and call, and at another one in functions
of C that take long; a handler of a signal sets them, and here the host does, from another thread
while the code runs. Compiled code needs no checks of its own for that, which would cost a sixth of
its speed.

The module's export ``flags`` returns where a table is: a count, then for each flag the address of a
byte and the bits to set in it, in this order, all unsigned, of four bytes, little-endian. The first
two are set by nobody else. What the module does to the others at the very same moment may undo the
setting of one, as nothing is locked: who wants to be sure asks again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

__all__ = ["Flags"]

_NUMBER = struct.Struct("<I")
_FLAG = struct.Struct("<II")
_MOST = 16
_OWN = 2  # those that nobody else sets


class Flags:
    """The flags of an instance.

    Args:
        view: its memory in a range.
        table: where the table is.

    Raises:
        ValueError: that is no table.
        IndexError: it is not in the memory.
    """

    def __init__(self, view: Callable[[int, int], memoryview], table: int) -> None:
        (count,) = _NUMBER.unpack(view(table, _NUMBER.size))
        if not _OWN <= count <= _MOST:
            raise ValueError(f"the module names {count} flags")
        entries = bytes(view(table + _NUMBER.size, count * _FLAG.size))
        self._flags = [(view(place, 1), bits) for place, bits in _FLAG.iter_unpack(entries)]
        if any(bits > 0xFF for _, bits in self._flags):
            raise ValueError("a flag is in one byte")

    def set(self) -> None:
        """Ask what runs to stop; from any thread."""
        for byte, bits in self._flags:
            byte[0] |= bits

    def clear(self) -> None:
        """Ask nothing after all; while nothing runs. The other flags mean nothing alone."""
        for byte, bits in self._flags[:_OWN]:
            byte[0] &= ~bits & 0xFF
