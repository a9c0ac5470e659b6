"""The one thread that writes: changes that wait together are kept together.

A connection that breaks while a transaction is being kept leaves open whether it was. Each of our
transactions counts ``batch`` in the owner's row, so the next connection tells, and what was not
kept is done again: nothing is done twice, and nothing that was acknowledged is missing.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import copy
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ringfence.errors import StoreUnavailable
from ringfence.server.store.outage import NoRoom, Outage, Unreachable
from ringfence.server.store.work import Work

__all__ = ["Change", "Transact", "Writer"]

_AT_ONCE = 128
_MOST_WAITING = 10_000
_PAUSE = 0.1


class Change:
    """Something that is to be changed, and what came of it.

    Args:
        change: what to do in a transaction; it may be done again in another if the first one was
            not kept, so it changes nothing but through its argument.
        loop: where somebody waits for ``future``.
    """

    __slots__ = ("begun", "change", "error", "future", "loop", "value")

    def __init__(self, change: Callable[[Work], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.change = change
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.begun = False
        self.value: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Tell who waits; on its loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Transact(Protocol):
    """Does changes in one transaction."""

    def __call__(self, changes: list[Change], /, *, unsure: bool) -> None:
        """Do them, and keep them; each gets its value or its error.

        Args:
            changes: what to do.
            unsure: the transaction before may have been kept, and was of the same changes.

        Raises:
            Unreachable: there is no connection; where that came while the transaction was being
                kept, ``unsure`` is set.
            NoRoom: nothing was kept; less of it may be.
            StoreUnavailable: nothing was kept.
            Fenced: nothing was kept.
        """


class Writer:
    """The thread.

    Args:
        transact: does changes.
        outage: since when the database has been away.
        patience: seconds to try again for, once it is away.
    """

    def __init__(self, transact: Transact, outage: Outage, patience: float) -> None:
        self._transact = transact
        self._outage = outage
        self._patience = patience
        self._waiting: collections.deque[Change] = collections.deque()
        self._ready = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(
            target=self._write, name="ringfence-store-writer", daemon=True
        )
        self._thread.start()

    def put(self, change: Change) -> None:
        """Let something be changed.

        Raises:
            StoreUnavailable: the writer was closed, or too much waits.
        """
        with self._ready:
            if self._closing:
                raise StoreUnavailable("the service's database was closed")
            if len(self._waiting) >= _MOST_WAITING:
                raise StoreUnavailable(
                    f"{_MOST_WAITING} changes wait for the service's database already"
                )
            self._waiting.append(change)
            self._ready.notify()

    def withdraw(self, change: Change) -> bool:
        """Give up a change; False where it was begun, and may be kept."""
        with self._ready:
            if change.begun:
                return False
            with contextlib.suppress(ValueError):
                self._waiting.remove(change)
            return True

    def close(self) -> None:
        """Do what waits, and end the thread."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()

    def _write(self) -> None:
        while True:
            with self._ready:
                while not self._waiting and not self._closing:
                    self._ready.wait()
                if not self._waiting:
                    return
                changes = [
                    self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))
                ]
                for change in changes:
                    change.begun = True
            self._do(changes)
            _tell(changes)

    def _do(self, changes: list[Change]) -> None:
        """Do changes; each has its value or its error then."""
        try:
            self._insist(changes)
        except NoRoom as error:
            if len(changes) == 1:
                _fail(changes, error)
                return
            for change in changes:  # one of them may be too large for the disk, and others not
                self._do([change])
        except BaseException as error:
            _fail(changes, error)

    def _insist(self, changes: list[Change]) -> None:
        unsure = tried = False
        while True:
            try:
                self._transact(changes, unsure=unsure)
            except Unreachable as error:
                unsure = unsure or error.unsure
                self._outage.began()
                if self._closing or self._outage.lasts(self._patience):
                    raise StoreUnavailable(str(error), kept=None if unsure else False) from error
                if tried:  # a connection from before the database was started again: at once
                    time.sleep(_PAUSE)
                tried = True
            else:
                self._outage.ended()
                return


def _fail(changes: Iterable[Change], error: BaseException) -> None:
    """Each has an error of its own: one that is raised in many places collects their tracebacks."""
    for change in changes:
        own = copy.copy(error)
        own.__cause__ = error.__cause__
        change.value, change.error = None, own


def _tell(changes: Iterable[Change]) -> None:
    """Tell all who wait: each loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Change]] = {}
    for change in changes:
        by_loop.setdefault(change.loop, []).append(change)
    for loop, its in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop ended: nobody waits
            loop.call_soon_threadsafe(_settle, its)


def _settle(changes: Iterable[Change]) -> None:
    for change in changes:
        change.settle()
