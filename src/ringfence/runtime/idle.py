"""Pauses guests between turns.

A guest whose turn has ended has nothing to do. One that computes all the same (a thread that was
left, a signal handler, an end that was forged) would use the processor under no budget of time, so
a guest that stays idle is stopped until its next turn. Not at once: stopping and waking a guest
costs more than a quick call, and between two quick calls it has no time to gain.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Protocol
from weakref import WeakSet

__all__ = ["IDLE_SECONDS", "Idler", "watch"]

IDLE_SECONDS = 0.05
"""How long a guest may go without a turn before it is paused."""


class Idler(Protocol):
    """Something that may be idle."""

    def rest(self, before: float) -> bool:
        """Pause if idle since ``before`` (monotonic seconds) or longer; whether to ask again."""


class _Keeper:
    """One thread for all sandboxes of the process; sleeps while there is nothing to watch."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        # Weak: a sandbox that nobody holds any more ends at once.
        self._watched: WeakSet[Idler] = WeakSet()
        self._lock = threading.Lock()  # a set that grows cannot be listed
        self._news = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, idler: Idler) -> None:
        """Ask ``idler`` from time to time."""
        with self._lock:
            self._watched.add(idler)
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
            idler = asked.pop()
            if idler.rest(before):
                with self._lock:
                    self._watched.add(idler)


_keeper = _Keeper()


def watch(idler: Idler) -> None:
    """Have ``idler.rest()`` called, on another thread, until it answers False."""
    global _keeper
    if _keeper.stale:
        _keeper = _Keeper()
    _keeper.watch(idler)
