"""What all tenants share, and nobody may use up: each may hold as much as it leaves to others."""

from __future__ import annotations

__all__ = ["Holding", "Shares"]


class Shares:
    """How much of something is held, and by whom. Used from one thread.

    One holder alone may have half of all, and the next half of what is left: there is always
    something for who has nothing yet. The first thing of a holder may be as large as what is left.

    Args:
        most: of it, in all.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._of: dict[str, int] = {}
        self._things: dict[str, int] = {}

    def holding(self, who: str) -> Holding:
        """Something that a holder begins to hold; nothing of it yet."""
        return Holding(self, who)

    def _grow(self, who: str, size: int, *, is_new: bool) -> bool:
        self.held += size
        self._of[who] = self._of.get(who, 0) + size
        self._things[who] = self._things.get(who, 0) + is_new
        if self.held > self.most:
            return False
        return self._things[who] == 1 or self._of[who] <= self.most - self.held

    def _end(self, who: str, size: int) -> None:
        self.held -= size
        self._of[who] -= size
        self._things[who] -= 1
        if not self._things[who]:
            del self._of[who], self._things[who]


class Holding:
    """One thing that is held."""

    def __init__(self, shares: Shares, who: str) -> None:
        self._shares, self._who = shares, who
        self._size = 0

    def grow(self, size: int) -> bool:
        """Hold more of it, and say whether that is within the holder's share; it is held anyhow,
        until :meth:`end`.
        """
        if size <= 0:
            return True
        is_new = not self._size
        self._size += size
        return self._shares._grow(self._who, size, is_new=is_new)  # one thing in two parts

    def end(self) -> None:
        """Hold nothing of it any more."""
        if self._size:
            self._shares._end(self._who, self._size)
            self._size = 0
