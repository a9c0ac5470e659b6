"""Waiting until a descriptor can be read or written: poll(2), or select(2) where that is missing.

Windows has ``select`` alone, and for sockets alone, whose handles stand for descriptors.
"""

from __future__ import annotations

import math
import select
import time
from typing import Protocol

__all__ = ["POLLIN", "POLLOUT", "Poll", "SelectPoll", "await_one", "make_poll"]

POLLIN: int = getattr(select, "POLLIN", 1)
"""It can be read; or its other end is gone, which a read will tell."""

POLLOUT: int = getattr(select, "POLLOUT", 4)
"""It can be written."""


_SLICE = 0.1
"""Seconds. On Windows Ctrl-C does not end a wait for sockets; it is heeded between two of them."""


_CROWD = 500
"""Descriptors. On Windows ``select`` takes 512 at most."""


class Poll(Protocol):
    """What :func:`select.poll` makes."""

    def register(self, descriptor: int, events: int, /) -> None: ...

    def modify(self, descriptor: int, events: int, /) -> None: ...

    def poll(self, milliseconds: float | None = ..., /) -> list[tuple[int, int]]: ...


class SelectPoll:
    """The same by :func:`select.select`, for descriptors that have not been closed."""

    def __init__(self) -> None:
        self._events: dict[int, int] = {}

    def register(self, descriptor: int, events: int, /) -> None:
        self._events[descriptor] = events

    modify = register

    def poll(self, milliseconds: float | None = None, /) -> list[tuple[int, int]]:
        """Wait at most so long: for ever with None or less than 0."""
        wanted = self._events.items()
        read = [descriptor for descriptor, events in wanted if events & POLLIN]
        write = [descriptor for descriptor, events in wanted if events & POLLOUT]
        left = math.inf if milliseconds is None or milliseconds < 0 else milliseconds / 1000
        until = time.monotonic() + left
        while True:
            readable, writable = _select(read, write, max(0.0, min(left, _SLICE)))
            left = until - time.monotonic()
            if readable or writable or left <= 0:
                break
        found: dict[int, int] = dict.fromkeys(readable, POLLIN)
        for descriptor in writable:
            found[descriptor] = found.get(descriptor, 0) | POLLOUT
        return list(found.items())


def _select(read: list[int], write: list[int], seconds: float) -> tuple[list[int], list[int]]:
    """Those that are ready; a crowd is asked part by part, until one of them is."""
    parts = max(1, math.ceil(max(len(read), len(write)) / _CROWD))
    readable: list[int] = []
    writable: list[int] = []
    for part in range(parts):
        some = slice(part * _CROWD, (part + 1) * _CROWD)
        wait = 0.0 if readable or writable else seconds / parts
        more = select.select(read[some], write[some], (), wait)
        readable += more[0]
        writable += more[1]
    return readable, writable


def make_poll() -> Poll:
    """An object to wait with."""
    return select.poll() if hasattr(select, "poll") else SelectPoll()


def await_one(descriptor: int, events: int, seconds: float) -> bool:
    """Wait for one of these events of one descriptor; False if there was none.

    Args:
        descriptor: it is open.
        events: :data:`POLLIN`, :data:`POLLOUT`, or both.
        seconds: at most; not at all with 0 or less.
    """
    poll = make_poll()
    poll.register(descriptor, events)
    return bool(poll.poll(max(0.0, seconds) * 1000))
