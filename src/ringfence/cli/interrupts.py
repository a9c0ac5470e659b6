"""Ctrl-C cancels a turn, so that its result is still told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["cancelling"]

_PERIOD = 0.005


@contextmanager
def cancelling(
    cancel: Callable[[], bool], *, leaves: Callable[[bool], bool]
) -> Iterator[threading.Event]:
    """In the block, Ctrl-C cancels instead of raising; yields what is set once it was pressed.

    A cancel takes a lock that the interrupted code may hold, so a thread does it.

    Args:
        cancel: ends the running turn; False when none is running.
        leaves: whether a Ctrl-C raises ``KeyboardInterrupt`` after all; is told whether one was
            pressed before.
    """
    over = threading.Event()
    wanted = threading.Event()
    threads: list[threading.Thread] = []

    def keep_trying() -> None:
        while not over.is_set() and not cancel():
            over.wait(_PERIOD)  # the turn has not begun, or has just ended

    def interrupted(number: int, frame: object) -> None:
        if leaves(wanted.is_set()):
            raise KeyboardInterrupt
        if not wanted.is_set():
            wanted.set()
            threads.append(threading.Thread(target=keep_trying, name="cancel", daemon=True))
            threads[0].start()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield wanted
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
        for thread in threads:
            thread.join()  # it must not meet the turn that comes next
