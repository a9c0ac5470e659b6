"""Starting threads under a limit on their number.

``Thread.join`` returns when a thread has run its last line of Python; the kernel counts it a moment
longer. A program that never has more threads than it may would otherwise be refused one now and
then.
"""

from __future__ import annotations

import threading
import time

__all__ = ["install_patient_start", "start_at_once"]

_PATIENCE = 0.02
_PAUSE = 0.000_2
_REFUSED = "can't start new thread"  # Modules/_threadmodule.c

_start = threading.Thread.start


def start_at_once(thread: threading.Thread) -> None:
    """Start a thread that is not worth waiting for.

    Raises:
        RuntimeError: the limit is reached.
    """
    _start(thread)


def _patient_start(self: threading.Thread) -> None:
    """Start the thread's activity (:meth:`threading.Thread.start`).

    Where the limit is reached, waits a moment for threads that are just ending.
    """
    end = 0.0
    while True:
        try:
            return _start(self)
        except RuntimeError as error:
            if str(error) != _REFUSED:
                raise
            now = time.monotonic()
            end = end or now + _PATIENCE
            if now >= end:
                raise
            if hasattr(self, "_handle"):  # from 3.13 on; one that did not start is used up
                self._handle = threading._ThreadHandle()  # type: ignore[attr-defined]
        time.sleep(_PAUSE)


def install_patient_start() -> None:
    """Make ``Thread.start`` of this process patient."""
    threading.Thread.start = _patient_start  # type: ignore[method-assign]
