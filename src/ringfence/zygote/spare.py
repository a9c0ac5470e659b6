"""The guest that is forked before anybody asks for it, so that the next one is there at once."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ringfence.errors import EngineFailure
from ringfence.jail.rlimits import GuestLimits
from ringfence.zygote.guest import ForkedGuest

__all__ = ["Spare"]

G = TypeVar("G", bound=ForkedGuest)


class Spare(Generic[G]):
    """Room for one guest that nobody has used; from any thread.

    It is as fresh as one that is forked now, for no guest's code ever ran where it comes from. A
    process confines itself to its limits once, so it serves a request with the same ones.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a garbage collection may end a lease, and drop it
        self._kept: tuple[GuestLimits, G] | None = None

    @property
    def there(self) -> bool:
        """Whether there is one."""
        return self._kept is not None

    def prepare(self, limits: GuestLimits, fork: Callable[[GuestLimits], G]) -> None:
        """Have one with these limits, if one can be had: nobody was promised it, and who asks for a
        guest in vain is told what is wrong.
        """
        if self._kept is not None and self._kept[0] == limits:
            return
        try:
            guest = fork(limits)
        except EngineFailure:
            return
        with self._lock:
            before, self._kept = self._kept, (limits, guest)
        if before is not None:
            before[1].close()

    def take(self, limits: GuestLimits) -> G | None:
        """The guest, if it has these limits and lives; the caller closes it."""
        with self._lock:
            if self._kept is None or self._kept[0] != limits:
                return None
            (_, guest), self._kept = self._kept, None
        if _is_silent(guest):
            return guest
        guest.close()
        return None

    def drop(self) -> None:
        """Close what is there."""
        with self._lock:
            before, self._kept = self._kept, None
        if before is not None:
            before[1].close()


def _is_silent(guest: ForkedGuest) -> bool:
    """Whether its channel is open, with nothing to read: it has neither ended nor spoken."""
    poll = select.poll()
    poll.register(guest.channel.fileno(), select.POLLIN)
    return not poll.poll(0)
