"""The time by which things expire: a clock that is set forward makes nothing old at once."""

from __future__ import annotations

import datetime
from time import monotonic

__all__ = ["Calendar"]

_AWAY = datetime.timedelta(hours=1)
"""How much later than what was last seen a server that starts believes that it is."""

_CATCHING_UP = 1.25
"""How fast the time that is believed runs while it is behind the clock."""


class Calendar:
    """Moments before which something was long ago.

    The clock on the wall may be wrong when a server starts, and may be set while it runs. It is
    believed only as far as time has passed since a moment that was seen before, and kept: so what
    is kept for a day is kept for a day, or for longer, and a clock that is ahead deletes nothing.

    Args:
        seen: the last moment that was believed by the server before; None if there was none.
    """

    def __init__(self, seen: datetime.datetime | None = None) -> None:
        wall = datetime.datetime.now(datetime.UTC)
        self._started = wall if seen is None else min(wall, seen + _AWAY)
        self._at = monotonic()

    def now(self) -> datetime.datetime:
        """The time that is believed: never ahead of the clock."""
        passed = datetime.timedelta(seconds=_CATCHING_UP * (monotonic() - self._at))
        return min(self._started + passed, datetime.datetime.now(datetime.UTC))

    def before(self, seconds: float) -> datetime.datetime:
        """The moment so many seconds ago."""
        return self.now() - datetime.timedelta(seconds=seconds)
