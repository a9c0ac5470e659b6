"""The thread that analyses, tries and publishes what was submitted."""

from __future__ import annotations

import logging
import threading
import time
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
    """Processes submissions one after the other while it is open. Use it in a ``with`` block.

    Args:
        workshop: what it works for.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._wanted = threading.Event()
        self._ended = False
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
        while True:
            self._wanted.wait(_PAUSE)
            self._wanted.clear()
            if self._ended:
                return
            if time.monotonic() >= due:
                done = self._does(self._workshop.releases.refresh, "sign anew what expires")
                due = time.monotonic() + (_REFRESH if done else _PAUSE)
            self._process()

    def _process(self) -> None:
        try:
            waiting = self._workshop.submissions.waiting()
        except RingfenceError as error:
            _log.warning("cannot look for submissions: %s", error)
            return
        for number in waiting:
            if self._ended:
                return
            self._does(lambda number=number: self._workshop.submissions.process(number), number)

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
