"""The thread that analyses, tries and publishes what was submitted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Self

from ringfence.errors import RingfenceError
from ringfence.workshop.workshop import Workshop

__all__ = ["Worker"]

_log = logging.getLogger("ringfence.workshop")
_PAUSE = 15.0
"""Seconds until what could not be done is tried again, and until the next look for what another
process has left."""
_REFRESH = 3_600.0
"""Seconds between two looks at whether signatures expire."""


class Worker:
    """Processes submissions one after the other while it is open, those of different accounts in
    turn. Use it in a ``with`` block.

    Args:
        workshop: what it works for.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._wanted = threading.Event()
        self._ended = False
        self._turn = 0
        self._turns: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="workshop", daemon=True)

    def __enter__(self) -> Self:
        self._workshop.submissions.arrived = self._wanted.set
        self._wanted.set()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._ended = True
        self._wanted.set()
        self._thread.join()
        self._workshop.submissions.arrived = lambda: None

    def _run(self) -> None:
        due = time.monotonic()
        done: set[str] = set()
        while not self._ended:
            if time.monotonic() >= due:
                signed = self._does(self._workshop.releases.refresh, "sign anew what expires")
                due = time.monotonic() + (_REFRESH if signed else _PAUSE)
            number = self._next(done)
            if number is None:
                done.clear()
                self._wanted.wait(_PAUSE)
                self._wanted.clear()
                continue
            done.add(number)  # once until there is a pause: it may have failed
            self._does(lambda number=number: self._workshop.submissions.process(number), number)

    def _next(self, done: AbstractSet[str]) -> str | None:
        """What to process now: the oldest of the account whose turn was longest ago. It is looked
        for anew each time, so that who has sent much keeps nobody waiting who has sent little.
        """
        try:
            queues = self._workshop.submissions.queues()
        except RingfenceError as error:
            _log.warning("cannot look for submissions: %s", error)
            return None
        oldest = {
            account: next((one for one in numbers if one not in done), None)
            for account, numbers in queues.items()
        }
        waiting = [account for account, number in oldest.items() if number is not None]
        if not waiting:
            return None
        account = min(waiting, key=lambda one: self._turns.get(one, 0))
        self._turn += 1
        self._turns[account] = self._turn
        return oldest[account]

    def _does(self, work: object, what: str) -> bool:
        """Do something whose failure must not end the thread; it is logged, and done again."""
        assert callable(work)
        try:
            work()
        except RingfenceError as error:
            _log.warning("%s: %s; it is tried again", what, error)
        except Exception:  # a fault of ours, or of a spec that an application brought
            _log.exception("%s: it is tried again", what)
        else:
            return True
        return False
