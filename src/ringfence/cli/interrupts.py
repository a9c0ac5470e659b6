"""Ctrl-C cancels a turn, so that its result is still told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

__all__ = ["cancelling"]

_PERIOD = 0.005


@contextmanager
def cancelling(
    cancel: Callable[[], bool], *, leaves: Callable[[bool], bool]
) -> Iterator[threading.Event]:
    """In the block, Ctrl-C cancels instead of raising; yields what is set, by the end of the block
    at the latest, if it was pressed.

    A signal interrupts any code, be it this handler when Ctrl-C is pressed twice. So the handler
    takes no lock and starts nothing: a thread that waits already does what takes locks.

    Args:
        cancel: ends the running turn; False when none is running.
        leaves: whether a Ctrl-C raises ``KeyboardInterrupt`` after all; is told whether one was
            pressed before.
    """
    over = threading.Event()
    wanted = threading.Event()
    presses: SimpleQueue[bool] = SimpleQueue()  # whose put may be interrupted by another
    pressed: list[int] = []

    def obey() -> None:
        while presses.get():
            wanted.set()
            while not over.is_set() and not cancel():
                over.wait(_PERIOD)  # the turn has not begun, or has just ended

    def interrupted(number: int, frame: object) -> None:
        again = bool(pressed)
        pressed.append(number)
        if leaves(again):
            raise KeyboardInterrupt
        if not again:
            presses.put(True)

    thread = threading.Thread(target=obey, name="cancel", daemon=True)
    thread.start()
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield wanted
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
        presses.put(False)
        thread.join()  # it must not meet the turn that comes next
