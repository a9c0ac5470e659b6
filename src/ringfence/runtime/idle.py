"""Pauses guests between turns.

A guest whose turn has ended has nothing to do. One that computes all the same (a thread that was
left, a signal handler, an end that was forged) would use the processor under no budget of time, so
a guest that stays idle is stopped until its next turn. Not at once: stopping and waking a guest
costs more than a quick call, and between two quick calls it has no time to gain.
"""

from __future__ import annotations

import math
import os
import threading
import time
from weakref import WeakSet

from ringfence.engine import Guest

__all__ = ["IDLE_SECONDS", "Rest"]

IDLE_SECONDS = 0.05
"""How long a guest may go without a turn before it is paused."""


_NEVER = math.inf


class Rest:
    """What a guest does between two turns: nothing.

    Args:
        guest: it begins in a turn, or before its first.
    """

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._lock = threading.Lock()
        self._since = _NEVER
        self._watched = self._paused = False

    def begin(self) -> None:
        """A turn has ended, and the guest lives."""
        with self._lock:
            self._since = time.monotonic()
            if not self._watched:
                self._watched = True
                _watch(self)

    def end(self) -> None:
        """A turn begins."""
        with self._lock:
            self._since = _NEVER
            if self._paused:
                self._paused = False
                self._guest.resume()

    def give_up(self) -> None:
        """The guest is closed next: nobody touches it any more."""
        with self._lock:
            self._since = _NEVER

    def begin_now(self) -> bool:
        """Pause the guest if a turn of it has ended, however lately; returns whether it rests."""
        with self._lock:
            if self._since < _NEVER and not self._paused:
                self._paused = True
                self._guest.pause()
            return self._paused

    def check(self, before: float) -> bool:
        """Pause the guest if it rests since ``before`` (monotonic seconds) or longer; called on
        another thread. Returns whether to ask again.
        """
        with self._lock:
            self._watched = before < self._since < _NEVER
            if self._since <= before:
                self._paused = True
                self._guest.pause()
            return self._watched


class _Keeper:
    """One thread for all sandboxes of the process; sleeps while there is nothing to watch."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        # Weak: a sandbox that nobody holds any more ends at once.
        self._watched: WeakSet[Rest] = WeakSet()
        self._lock = threading.Lock()  # a set that grows cannot be listed
        self._news = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, rest: Rest) -> None:
        """Check it from time to time."""
        with self._lock:
            self._watched.add(rest)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="ringfence-idle", daemon=True
                )
                self._thread.start()
        self._news.set()

    @property
    def stale(self) -> bool:
        """Whether this process was forked from the one that the thread belongs to."""
        return self._pid != os.getpid()

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            while self._watched:
                time.sleep(IDLE_SECONDS / 2)
                self._ask_all(time.monotonic() - IDLE_SECONDS)

    def _ask_all(self, before: float) -> None:
        with self._lock:  # taken out before they are asked: afterwards they may be watched again
            asked = list(self._watched)
            self._watched.clear()
        while asked:
            rest = asked.pop()
            if rest.check(before):
                with self._lock:
                    self._watched.add(rest)


_keeper = _Keeper()


def _watch(rest: Rest) -> None:
    """Have it checked, on another thread, until that answers False."""
    global _keeper
    if _keeper.stale:
        _keeper = _Keeper()
    _keeper.watch(rest)
