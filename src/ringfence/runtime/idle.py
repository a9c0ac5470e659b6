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
from weakref import WeakKeyDictionary

__all__ = ["IDLE_SECONDS", "pause_later"]

IDLE_SECONDS = 0.05
"""How long a guest may go without a turn before it is paused."""


class _Pausable(Protocol):
    def pause_if_idle(self) -> None: ...


class _Keeper:
    """One thread for all sandboxes of the process; sleeps while there is nothing to watch."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        # Weak: a sandbox that nobody holds any more ends at once.
        self._watched: WeakKeyDictionary[_Pausable, float] = WeakKeyDictionary()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, session: _Pausable) -> None:
        """Pause ``session`` when it has been idle."""
        self._watched[session] = time.monotonic() + IDLE_SECONDS
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ringfence-idle", daemon=True)
            self._thread.start()
        if not self._news.is_set():
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
                self._pause_idle(time.monotonic())

    def _pause_idle(self, now: float) -> None:
        for session, due in list(self._watched.items()):
            if due <= now and self._watched.get(session) == due:
                del self._watched[session]
                session.pause_if_idle()


_keeper = _Keeper()


def pause_later(session: _Pausable) -> None:
    """Have ``session.pause_if_idle()`` called, on another thread, some time after now."""
    global _keeper
    if _keeper.stale:
        _keeper = _Keeper()
    _keeper.watch(session)
