"""The memory that all guests have together, and who holds how much of it.

A guest that may compute counts with its limit, because it may use all of that at any moment. A
session that rests counts with what it has. A part is kept for tenants that use nothing, so that
another's runs do not keep them out.

Belongs to one event loop.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Holding", "Memory"]


class Memory:
    """An account: what is held is what guests were let in with and have not given back.

    Args:
        most: bytes, in all.
        kept: of these, for tenants that use nothing; a quarter if not given.

    Attributes:
        most: bytes, in all.
        held: bytes that are held.
        resting: of these, by sessions that rest.
        freed: called when some were given back.
    """

    def __init__(self, most: int, *, kept: int | None = None) -> None:
        self.most = most
        self.held = self.resting = 0
        self.freed: Callable[[], object] = _nothing
        self._kept = most // 4 if kept is None else kept
        self._ending = 0
        self._used: dict[str, int] = {}
        self._lasting: dict[str, int] = {}
        self._of: dict[str, int] = {}

    def holding(self, tenant: str, *, lasting: bool = False) -> Holding:
        """What one guest of a tenant's holds; nothing yet.

        Args:
            tenant: whose.
            lasting: whether it may be used for long: nobody waits for its end.
        """
        return Holding(self, tenant, lasting=lasting)

    def fits(self, holding: Holding, size: int) -> bool:
        """Whether a guest may be used that may have so many bytes."""
        room = self.most - self.held
        if self.uses(holding.tenant):
            room -= self._kept
        return size - holding.size <= max(0, room)

    def hopeless(self, holding: Holding, size: int, other: Holding | None = None) -> bool:
        """Whether it would not fit if all ended that end by themselves, but ``other``."""
        stays = other is not None and not other.rests
        room = self.most - self.held + self._ending - (other.size if other and stays else 0)
        if stays or holding.tenant in self._lasting:
            room -= self._kept
        return size - holding.size > max(0, room)

    def uses(self, tenant: str) -> bool:
        """Whether a guest of a tenant's may compute now."""
        return tenant in self._used

    def is_much(self, tenant: str) -> bool:
        """Whether a tenant holds at least as much as it would have if all had the same."""
        return self._of.get(tenant, 0) * len(self._of) >= self.held

    def _move(self, holding: Holding, size: int, *, rests: bool) -> None:
        """The one place where anything changes."""
        before = self.held
        if holding.size:
            self._count(holding, -holding.size, rests=holding.rests)
        if size:
            self._count(holding, size, rests=rests)
        holding.size, holding.rests = size, rests
        if self.held < before:
            self.freed()

    def _count(self, holding: Holding, size: int, *, rests: bool) -> None:
        self.held += size
        _add(self._of, holding.tenant, size)
        if rests:
            self.resting += size
            return
        _add(self._used, holding.tenant, size)
        if holding.lasting:
            _add(self._lasting, holding.tenant, size)
        else:
            self._ending += size


class Holding:
    """What one guest holds.

    Attributes:
        tenant: whose it is.
        lasting: see :meth:`Memory.holding`.
        size: bytes.
        rests: whether nothing runs in it.
    """

    __slots__ = ("_memory", "lasting", "rests", "size", "tenant")

    def __init__(self, memory: Memory, tenant: str, *, lasting: bool) -> None:
        self._memory, self.tenant, self.lasting = memory, tenant, lasting
        self.size, self.rests = 0, True

    def use(self, size: int) -> None:
        """It may use so many bytes from here on. Whether they are there was asked before."""
        self._memory._move(self, size, rests=False)  # the account and its entries are one thing

    def rest(self, size: int) -> None:
        """It has so many bytes from here on, and nothing runs in it."""
        self._memory._move(self, size, rests=True)

    def end(self) -> None:
        """It has nothing any more. May be called again."""
        if self.size or not self.rests:
            self._memory._move(self, 0, rests=True)


def _add(sums: dict[str, int], tenant: str, size: int) -> None:
    left = sums.get(tenant, 0) + size
    if left:
        sums[tenant] = left
    else:
        sums.pop(tenant, None)


def _nothing() -> None:
    """Nobody waits."""
