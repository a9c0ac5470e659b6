"""Guests that are forked before anybody asks for them, so that the next one is there at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from ringfence.errors import EngineFailure
from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.guest import ProcessGuest
from ringfence_guest.readiness import POLLIN, await_one

__all__ = ["Spares"]

G = TypeVar("G", bound=ProcessGuest)

_SOON = 0.008
"""Seconds that a guest is forked and confined in, on a busy machine. One that is taken sooner is
asked for in a burst: then another is forked while the first is being confined."""


class _Kept(NamedTuple, Generic[G]):
    limits: GuestLimits
    guest: G
    forked: float


class Spares(Generic[G]):
    """Room for a guest that nobody has used, and for one more in a burst; from any thread.

    They are as fresh as one that is forked now, for no guest's code ever ran where they come from.
    A process confines itself to its limits once, so they serve a request with the same ones.

    Args:
        clock: the monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.RLock()  # a garbage collection may end a lease, and drop them
        self._kept: deque[_Kept[G]] = deque()
        self._wanted = 1
        self._closed = False
        self._clock = clock

    def __len__(self) -> int:
        """How many there are."""
        return len(self._kept)

    def guests(self) -> list[G]:
        """Those that there are; they stay."""
        return [one.guest for one in list(self._kept)]

    def prepare(self, limits: GuestLimits, fork: Callable[[GuestLimits], G]) -> None:
        """Have some with these limits, if they can be had: nobody was promised one, and who asks
        for a guest in vain is told what is wrong.
        """
        for guest in self._give_up_others(limits):
            guest.close()
        for _ in range(self._wanted - len(self._kept)):
            try:
                guest = fork(limits)
            except EngineFailure:
                return
            if not self._keep(limits, guest):
                guest.close()

    def _give_up_others(self, limits: GuestLimits) -> list[G]:
        with self._lock:
            others = [one for one in self._kept if one.limits != limits]
            if others:
                self._kept = deque(one for one in self._kept if one.limits == limits)
        return [one.guest for one in others]

    def _keep(self, limits: GuestLimits, guest: G) -> bool:
        """Keep it, unless another thread was first, or has closed this."""
        with self._lock:
            if self._closed or len(self._kept) >= self._wanted:
                return False
            self._kept.append(_Kept(limits, guest, self._clock()))
            return True

    def take(self, limits: GuestLimits) -> G | None:
        """The one that was forked first, if it has these limits and lives; the caller closes it."""
        while True:
            with self._lock:
                if not self._kept or self._kept[0].limits != limits:
                    return None
                taken = self._kept.popleft()
                self._wanted = 2 if self._clock() - taken.forked < _SOON else 1
            if _is_silent(taken.guest):
                return taken.guest
            taken.guest.close()

    def drop(self) -> None:
        """Close what is there."""
        with self._lock:
            before, self._kept = self._kept, deque()
        for one in before:
            one.guest.close()

    def close(self) -> None:
        """Close what is there, and keep none from here on: a thread may be forking one."""
        self._closed = True
        self.drop()


def _is_silent(guest: ProcessGuest) -> bool:
    """Whether its channel is open, with nothing to read: it has neither ended nor spoken."""
    return not await_one(guest.channel.fileno(), POLLIN, 0)
