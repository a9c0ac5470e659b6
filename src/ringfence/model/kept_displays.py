"""What a sandbox has shown so far: bounded, and honest about what it no longer has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, overload

from ringfence_guest.protocol.report import Display
from ringfence_guest.protocol.transcript import FRAME_COST

__all__ = ["KeptDisplays"]


class KeptDisplays(Sequence[Display]):
    """Displays, oldest first, as they were at one moment: it does not change.

    Attributes:
        dropped: how many older ones were let go to stay within the bounds.
    """

    __slots__ = ("_displays", "dropped")

    def __init__(self, displays: Iterable[Display] = (), dropped: int = 0) -> None:
        self._displays = tuple(displays)
        self.dropped = dropped

    def followed_by(self, displays: Iterable[Display], *, most: int, size: int) -> KeptDisplays:
        """These, then those: the last ones that stay within both bounds.

        Args:
            displays: what was shown since.
            most: how many are kept.
            size: bytes and characters of all that are kept; each counts at least 512.
        """
        every = (*self._displays, *displays)
        kept, left = 0, size
        for display in reversed(every[-most:]):
            left -= max(FRAME_COST, sum(map(len, display.data.values())))
            if left < 0:
                break
            kept += 1
        first = len(every) - kept
        return KeptDisplays(every[first:], self.dropped + first)

    def __len__(self) -> int:
        return len(self._displays)

    @overload
    def __getitem__(self, index: int) -> Display: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Display, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._displays[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptDisplays):
            return NotImplemented
        return (self._displays, self.dropped) == (other._displays, other.dropped)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<KeptDisplays: {len(self)}, and {self.dropped} dropped>"
