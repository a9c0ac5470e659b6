"""What a transaction did: enough to take it back, and to do it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Change", "Changes", "What"]

What: TypeAlias = Literal["element", "layer", "block", "unit"]


class Change(NamedTuple):
    """One thing before and after; None is where it was not, or is no more."""

    what: What
    key: object
    before: object
    after: object


class Changes:
    """Changes in the order in which they were made."""

    def __init__(self) -> None:
        self._list: list[Change] = []

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Change]:
        return iter(self._list)

    def append(self, change: Change) -> None:
        """Add what was done just now."""
        self._list.append(change)

    def reversed(self) -> Iterator[Change]:
        """What takes them back, the latest first."""
        for what, key, before, after in reversed(self._list):
            yield Change(what, key, after, before)
