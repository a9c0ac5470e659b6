"""Turning the host's interrupt into ``KeyboardInterrupt``, but never in the middle of a frame.

The host interrupts with SIGINT (native) or its engine's equivalent. Guest code may be stopped
anywhere; the code that moves frames may not, or both sides would lose their place in the stream.
"""

from __future__ import annotations

import signal
from threading import get_ident
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """Whether an interrupt may be raised now.

    ``active`` is true while guest code runs; ``held`` counts the critical sections that the main
    thread has entered, the only one that an interrupt stops. The host repeats an interrupt until
    the turn ends, so that none is lost on the way into a system call; only the first is raised, and
    the others leave the program's clean-up alone.
    """

    __slots__ = ("_main", "_raised", "active", "arrived", "held")

    def __init__(self) -> None:
        self._main = get_ident()
        self._raised = False
        self.active = False
        self.arrived = False
        self.held = 0

    @property
    def raised(self) -> bool:
        """Whether the turn was asked to stop, and knows it."""
        return self._raised

    def begin(self) -> None:
        """Guest code is about to run."""
        self._raised = self.arrived = False
        self.active = True

    def install(self) -> None:
        """Make SIGINT call :meth:`interrupt`."""
        signal.signal(signal.SIGINT, self.interrupt)

    def interrupt(self, *_: Any) -> None:
        """The host asked the turn to stop."""
        if not self.active or self._raised:
            return
        if self.held:
            self.arrived = True
            return
        self._raised = True
        raise KeyboardInterrupt

    def is_mine(self) -> bool:
        """Whether it is the calling thread that interrupts stop."""
        return get_ident() == self._main

    def hold(self) -> None:
        """Enter a critical section."""
        if get_ident() == self._main:
            self.held += 1

    def release(self) -> None:
        """Leave a critical section, and raise what arrived meanwhile."""
        if get_ident() != self._main:
            return
        self.held -= 1
        if self.arrived and not self.held:
            self.arrived = False
            if self.active:
                self._raised = True
                raise KeyboardInterrupt
