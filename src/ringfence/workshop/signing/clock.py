"""A clock that does not run backwards, between two starts either.

Expiry is worth nothing where the clock can be set back: what has expired would come to life. So the
latest time that was ever seen is noted, and an earlier one is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ringfence.errors import ConfigurationError, NotTrusted
from ringfence.workshop.signing.private_folder import FileIdentity, PrivateFolder

__all__ = ["BACK", "ForwardClock"]

BACK = timedelta(minutes=5)
"""What a clock may lose when it is set right."""

_FILE = "clock"
_NOTED_EVERY = timedelta(minutes=10)


class ForwardClock:
    """Tells the time, and refuses to when it is earlier than it was.

    Args:
        folder: where the latest time is noted, every ten minutes at most.
        clock: tells the time, aware of its zone.
    """

    def __init__(self, folder: PrivateFolder, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._known: tuple[FileIdentity, datetime] | None = None

    def now(self) -> datetime:
        """The time.

        Raises:
            NotTrusted: it was later already.
        """
        now = self._clock()
        if now.tzinfo is None:
            raise ConfigurationError("clock must tell a time that is aware of its zone")
        latest = self._latest()
        if latest is not None and now < latest - BACK:
            raise NotTrusted(
                "the clock",
                f"this machine says {now:%Y-%m-%d %H:%M} UTC, and it was {latest:%Y-%m-%d %H:%M} "
                "already; set the clock, or, if it is right now, call accept_clock()",
            )
        if latest is None or now >= latest + _NOTED_EVERY:
            self._note(now)
        return now

    def accept(self) -> None:
        """Take the time for right as it is."""
        self._note(self._clock())

    def _note(self, now: datetime) -> None:
        self._folder.write(_FILE, b"%d" % int(now.timestamp()))

    def _latest(self) -> datetime | None:
        identity = self._folder.identity(_FILE)
        if identity is None:
            return None
        known = self._known
        if known is None or known[0] != identity:
            found = self._folder.read(_FILE, 64)
            if found is None:
                return None
            self._known = known = (found[1], _moment(found[0]))
        return known[1]


def _moment(data: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(int(data), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotTrusted(_FILE, "it was tampered with, or is damaged; remove it") from None
