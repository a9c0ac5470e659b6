"""A little memory that is held back for the report of a guest that has used up its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Reserve"]

_SIZE = 4 << 20

try:
    import mmap
except ImportError:  # WebAssembly maps nothing; what is freed there can be had again at once

    def _take() -> Any:
        return memoryview(bytearray(_SIZE))

    _let_go: Callable[[Any], None] = memoryview.release
else:

    def _take() -> Any:
        return mmap.mmap(-1, _SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    _let_go = mmap.mmap.close


class Reserve:
    """Holds memory, as far as there is some."""

    def __init__(self) -> None:
        self._held: Any = None
        self.spent = False
        """Whether it was given back and not taken again."""
        self.hold()

    def hold(self) -> None:
        """Take it, if that leaves the program as much; else the next report says only that."""
        self.spent = False
        if self._held is not None:
            return
        room = None
        try:
            room = _take()
            self._held = _take()
        except (OSError, MemoryError):
            pass
        if room is not None:
            _let_go(room)

    def spend(self) -> None:
        """Give it back, for what must be done now."""
        held, self._held = self._held, None
        if held is not None:
            _let_go(held)
        self.spent = True
