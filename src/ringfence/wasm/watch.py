"""Ending what has run too long: one thread for an engine, which sleeps while nothing is due."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from ringfence.wasm.engine import Engine

__all__ = ["DeadlineWatch"]

_AGAIN = 0.001  # until what was asked to stop is asked again
_LONGEST = 0.02  # until deadlines are looked at again, which may have been set meanwhile
_IDLE = 50  # times that there was nothing to look at, until it sleeps: waking it takes longer


class Watched(Protocol):
    """Something that runs until a time."""

    deadline: float


class DeadlineWatch:
    """Raises an engine's epoch when something that is watched is due.

    Whoever runs in that engine is asked then whether it goes on, see
    :func:`ringfence.wasm.entry.decide_when_interrupted`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._watched: list[Watched] = []
        self._thread: threading.Thread | None = None
        self._asleep = False
        self._closed = False

    def add(self, one: Watched) -> None:
        """Look after its deadline, which may be moved while it is watched."""
        with self._changed:
            self._watched.append(one)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name="ringfence-watch", daemon=True
                )
                self._thread.start()
            elif self._asleep:
                self._changed.notify()

    def wake(self) -> None:
        """Look at deadlines now: one is nearer than was said before."""
        with self._changed:
            self._changed.notify()

    def remove(self, one: Watched) -> None:
        """Look after it no more."""
        with self._changed:
            self._watched = [other for other in self._watched if other is not one]

    def close(self) -> None:
        """Look after nothing any more, nor touch the engine: its process ends."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _watch(self) -> None:
        idle = 0
        with self._changed:
            while not self._closed:
                if self._watched:
                    idle = 0
                else:
                    idle += 1
                if idle > _IDLE:
                    self._asleep = True
                    self._changed.wait()
                    self._asleep = False
                    continue
                left = _LONGEST
                if self._watched:
                    left = min(one.deadline for one in self._watched) - time.monotonic()
                if left <= 0:
                    self._engine.increment_epoch()
                    left = _AGAIN
                self._changed.wait(min(left, _LONGEST))
