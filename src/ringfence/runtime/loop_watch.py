"""Watching descriptors for an event loop, also for one that cannot: that of Windows.

``asyncio.ProactorEventLoop`` has no ``add_reader``. For loops like it a thread of this process
waits in their place, and tells them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ringfence.runtime.wake import Wake
from ringfence.system.forks import call_in_forked_children
from ringfence_guest.readiness import POLLIN, POLLOUT, await_one, make_poll

__all__ = ["LoopWatch"]


class LoopWatch:
    """What one turn wants to be told of one descriptor; used on the loop's thread.

    Args:
        loop: the loop.
        descriptor: open for as long as it is watched.
        tell: called on the loop when there is something to do, perhaps once more than that.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, descriptor: int, tell: Callable[[], object]
    ) -> None:
        self._loop = loop
        self._descriptor = descriptor
        self._tell = tell
        self._events = 0
        self._by_thread = False

    @property
    def reads(self) -> bool:
        """Whether it is watched for something to read."""
        return bool(self._events & POLLIN)

    @property
    def writes(self) -> bool:
        """Whether it is watched for room."""
        return bool(self._events & POLLOUT)

    def read(self, wanted: bool) -> None:
        """Watch for something to read, or no longer."""
        self._set(self._events | POLLIN if wanted else self._events & ~POLLIN)

    def write(self, wanted: bool) -> None:
        """Watch for room, or no longer."""
        self._set(self._events | POLLOUT if wanted else self._events & ~POLLOUT)

    def close(self) -> None:
        """Watch for nothing any more."""
        self._set(0)

    def _set(self, events: int) -> None:
        changed, self._events = self._events ^ events, events
        if not changed:
            return
        if not self._by_thread:
            try:
                self._set_on_loop(changed)
            except NotImplementedError:
                self._by_thread = True
            else:
                return
        _watcher.set(self._descriptor, _Wanted(self._loop, self._tell, events))

    def _set_on_loop(self, changed: int) -> None:
        if changed & POLLIN and self.reads:
            self._loop.add_reader(self._descriptor, self._tell)
        elif changed & POLLIN:
            self._loop.remove_reader(self._descriptor)
        if changed & POLLOUT and self.writes:
            self._loop.add_writer(self._descriptor, self._tell)
        elif changed & POLLOUT:
            self._loop.remove_writer(self._descriptor)


class _Wanted(NamedTuple):
    loop: asyncio.AbstractEventLoop
    tell: Callable[[], object]
    events: int


class _Watcher:
    """Waits on a thread, while there is something to wait for.

    What was told is watched again once the loop has run what it was told: or this thread would tell
    the same again and again until the loop comes to it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[int, _Wanted] = {}
        self._told: set[int] = set()
        self._wake: Wake | None = None

    def set(self, descriptor: int, wanted: _Wanted) -> None:
        with self._lock:
            self._told.discard(descriptor)
            if wanted.events:
                self._wanted[descriptor] = wanted
            else:
                self._wanted.pop(descriptor, None)
            if self._wake is not None:
                self._wake.set()
            elif self._wanted:
                self._wake = wake = Wake()
                try:
                    threading.Thread(
                        target=self._run, args=(wake,), name="ringfence-loop-watch", daemon=True
                    ).start()
                except RuntimeError:  # there is none to be had, which ends this turn alone
                    self._wake = None
                    wake.close()
                    self._wanted.pop(descriptor)
                    raise

    def _run(self, wake: Wake) -> None:
        while True:
            with self._lock:
                wake.clear()
                if not self._wanted:
                    self._wake = None
                    wake.close()
                    return
                watched = {wake.fileno(): POLLIN}
                for descriptor, wanted in self._wanted.items():
                    if descriptor not in self._told:
                        watched[descriptor] = wanted.events
            for descriptor in _await_any(watched):
                self._tell(descriptor)

    def _tell(self, descriptor: int) -> None:
        with self._lock:
            wanted = self._wanted.get(descriptor)
            if wanted is None:
                return
            self._told.add(descriptor)
        try:
            wanted.loop.call_soon_threadsafe(self._deliver, descriptor, wanted)
        except RuntimeError:  # the loop is closed
            with self._lock:
                if self._wanted.get(descriptor) is wanted:
                    del self._wanted[descriptor]

    def _deliver(self, descriptor: int, wanted: _Wanted) -> None:
        """On the loop."""
        if self._wanted.get(descriptor) is wanted:
            wanted.tell()
            wanted.loop.call_soon(self._watch_again, descriptor, wanted)

    def _watch_again(self, descriptor: int, wanted: _Wanted) -> None:
        with self._lock:
            if self._wanted.get(descriptor) is wanted and self._wake is not None:
                self._told.discard(descriptor)
                self._wake.set()


def _await_any(watched: Mapping[int, int]) -> list[int]:
    """Those that there is something to do for: also what was closed meanwhile, as who uses it finds
    out.
    """
    poll = make_poll()
    for descriptor, events in watched.items():
        poll.register(descriptor, events)
    try:
        return [descriptor for descriptor, _ in poll.poll(None)]
    except OSError:
        return [descriptor for descriptor in watched if not _is_open(descriptor)]


def _is_open(descriptor: int) -> bool:
    try:
        await_one(descriptor, POLLIN, 0)
    except OSError:
        return False
    return True


_watcher = _Watcher()


def _forget_after_fork() -> None:
    global _watcher
    _watcher = _Watcher()


call_in_forked_children(_forget_after_fork)
