"""Since when the database has not been there."""

from __future__ import annotations

import time

from ringfence.errors import StoreUnavailable

__all__ = ["NoRoom", "Outage", "Unreachable"]


class Unreachable(Exception):
    """There is no connection to the database.

    Attributes:
        unsure: it broke while a transaction was being kept.
    """

    def __init__(self, message: str, *, unsure: bool = False) -> None:
        super().__init__(message)
        self.unsure = unsure


class NoRoom(StoreUnavailable):
    """The disk has no room for all of a transaction: parts of it may fit."""


class Outage:
    """What the writer and the readers know of it together: who comes later waits less."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def now(self) -> bool:
        """Whether the database was away when it was last asked."""
        return self._since is not None

    def began(self) -> None:
        """It does not answer."""
        if self._since is None:
            self._since = time.monotonic()

    def ended(self) -> None:
        """It answered."""
        self._since = None

    def lasts(self, seconds: float) -> bool:
        """Whether it has been away for so long."""
        since = self._since
        return since is not None and time.monotonic() - since >= seconds
