"""Runs: what was asked for once, whoever still listens.

A run has an id and events with numbers. Readers come and go: each says after which number it goes
on. The run does not wait for any of them; what it tells is kept, within bounds, until some time
after its end. A run that somebody followed and nobody follows any more is cancelled after a while.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, NamedTuple

from ringfence.server.problems import Problem

__all__ = ["Event", "Run", "Runs", "as_bytes"]

MOST_OF_ONE = 4 << 20
"""Bytes of events of one run that are kept for readers; older ones are dropped. The result has all
that was printed."""

MOST_OF_ALL = 64 << 20
"""Bytes that ended runs may keep for late readers, together."""

_OF_EACH = 2 << 10
"""Bytes that a run takes beside what it tells, about."""

_NOTHING_MORE = ("result", "problem")
_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def as_bytes(data: object) -> bytes:
    """``data`` as JSON: ASCII, in one line."""
    return _encoder.encode(data).encode("ascii")


class Event(NamedTuple):
    """Something that a run tells.

    Attributes:
        number: its place in the run, from 1, without gaps.
        kind: ``run``, ``stdout``, ``stderr``, ``display``, ``progress``, ``missed``, ``result`` or
            ``problem``.
        data: JSON.
    """

    number: int
    kind: str
    data: bytes


class Run:
    """One run.

    Args:
        tenant: whose it is.
        resume_seconds: how long it goes on without a reader, once it had one.
        recording: whether its output is wanted as events.
    """

    def __init__(self, tenant: str, resume_seconds: float, *, recording: bool) -> None:
        self.id = f"run_{secrets.token_hex(12)}"
        self.tenant = tenant
        self.recording = recording
        self.replayed = False
        """Whether its reply was there before."""
        self.cancelled = False
        """Whether somebody asked to end it."""
        self.task: asyncio.Task[None] | None = None
        self._patience = resume_seconds
        self._stop: Callable[[], object] | None = None
        self._events: deque[Event] = deque()
        self._size = self._number = 0
        self._dropped = 0
        self._ended = asyncio.get_running_loop().create_future()
        self._body: bytes | None = None
        self._reply: dict[str, Any] | None = None
        self._problem: Problem | None = None
        self._news: list[asyncio.Future[None]] = []
        self._readers = 0
        self._alone: asyncio.TimerHandle | None = None
        self._driven = asyncio.get_running_loop().create_future()
        self.tell("run", {"run_id": self.id})

    # --- what it tells -----------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether its reply, or the problem in its place, is there."""
        return self._ended.done()

    @property
    def readers(self) -> int:
        """How many follow it now."""
        return self._readers

    @property
    def kept(self) -> int:
        """Bytes that it keeps, about."""
        return _OF_EACH + self._size + (0 if self._body is None else len(self._body))

    def tell(self, kind: str, data: object) -> None:
        """Add an event."""
        self.tell_bytes(kind, as_bytes(data))

    def tell_bytes(self, kind: str, data: bytes) -> None:
        """Add an event that is JSON already."""
        self._number += 1
        self._events.append(Event(self._number, kind, data))
        self._size += len(data)
        while self._size > MOST_OF_ONE and len(self._events) > 1:
            dropped = self._events.popleft()
            self._size -= len(dropped.data)
            self._dropped = dropped.number
        self._wake()

    def finish(self, body: bytes, reply: dict[str, Any] | None = None) -> None:
        """It has ended, with this reply as JSON; ``reply`` is the same, where it is at hand."""
        if not self.ended:
            self._body = body
            if self._readers:  # who comes later reads the JSON
                self._reply = reply
            self._end()

    def fail(self, problem: Problem) -> None:
        """It has ended without a result."""
        if not self.ended:
            self._problem = problem
            self._end()

    def _end(self) -> None:
        self._stop = None
        self.drives()
        if self._alone is not None:
            self._alone.cancel()
        self._ended.set_result(None)
        self._wake()

    def _wake(self) -> None:
        waiting, self._news = self._news, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def _last(self) -> Event:
        """The event that ends it; it is no copy in the buffer, however large the reply is."""
        number = self._number + 1
        if self._problem is not None:
            return Event(number, "problem", as_bytes(self._problem.as_json()))
        assert self._body is not None
        return Event(number, "result", self._body)

    # --- reading -----------------------------------------------------------------------------

    async def wait(self) -> None:
        """Until it has ended. Whoever waits is a reader."""
        with self.reading():
            await asyncio.shield(self._ended)

    async def body(self) -> bytes:
        """The reply as JSON, once it is there.

        Raises:
            Problem: there is none.
        """
        if not self.ended:
            await self.wait()
        if self._problem is not None:
            raise self._problem
        assert self._body is not None
        return self._body

    async def reply(self) -> dict[str, Any]:
        """The reply, once it is there; see :meth:`body`."""
        with self.reading():
            body = await self.body()
            at_hand = self._reply
        reply: dict[str, Any] = json.loads(body) if at_hand is None else at_hand
        return reply

    async def events(self, after: int = 0) -> AsyncIterator[Event]:
        """The events after a number, as they come, to the last one."""
        async for batch in self.batches(after):
            for event in batch:
                yield event

    async def batches(self, after: int = 0) -> AsyncGenerator[list[Event], None]:
        """The events after a number, as many at a time as there are.

        Those that are not kept any more are one event ``missed``, with the number of the last.
        """
        with self.reading():
            while True:
                batch = self._since(after)
                if batch:
                    after = batch[-1].number
                    yield batch
                    if batch[-1].kind in _NOTHING_MORE:
                        return
                elif self.ended:
                    return  # who asks after the end has seen it
                else:
                    news = asyncio.get_running_loop().create_future()
                    self._news.append(news)
                    await news

    def _since(self, after: int) -> list[Event]:
        batch: list[Event] = []
        if after < self._dropped:
            missed = as_bytes({"first": after + 1, "last": self._dropped})
            batch.append(Event(self._dropped, "missed", missed))
        if after < self._number:
            if after <= self._dropped:
                batch += self._events
            else:
                first = self._events[0].number
                batch += [self._events[at - first] for at in range(after + 1, self._number + 1)]
        if self.ended and after <= self._number:
            batch.append(self._last())
        return batch

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Somebody follows it meanwhile."""
        self._readers += 1
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._reply = None
                if not self.ended:
                    loop = asyncio.get_running_loop()
                    self._alone = loop.call_later(self._patience, self.cancel)

    def drives(self) -> None:
        """Its code begins."""
        if not self._driven.done():
            self._driven.set_result(None)

    async def begun(self, patience: float) -> None:
        """Until its code begins or it has ended; at most so many seconds.

        Raises:
            Problem: it has ended without.
        """
        with self.reading():
            await asyncio.wait([self._driven], timeout=patience)
        if self._problem is not None:
            raise self._problem

    # --- ending it ---------------------------------------------------------------------------

    def stop_with(self, stop: Callable[[], object]) -> None:
        """What ends it from here on; done at once if somebody has asked already."""
        self._stop = stop
        if self.cancelled:
            stop()

    def cancel(self) -> None:
        """End it; its reply says ``cancelled``. Nothing happens to one that has ended."""
        if not self.ended and not self.cancelled:
            self.cancelled = True
            if self._stop is not None:
                self._stop()


class Runs:
    """The runs that can be asked for by their id: those that go on, and those that ended lately.

    Args:
        resume_seconds: see :class:`Run`; ended ones are kept as long.
    """

    def __init__(self, resume_seconds: float) -> None:
        self._patience = resume_seconds
        self._runs: dict[str, Run] = {}
        self._ended: deque[tuple[float, Run, int]] = deque()
        self._kept = 0

    def begin(self, tenant: str, *, recording: bool) -> Run:
        """A new run."""
        self._tidy()
        run = Run(tenant, self._patience, recording=recording)
        self._runs[run.id] = run
        return run

    def end(self, run: Run) -> None:
        """A run has ended; it can be asked for some time."""
        run.task = None  # it holds all that the run was done with
        size = run.kept
        self._kept += size
        self._ended.append((monotonic() + self._patience, run, size))
        self._tidy()

    def find(self, tenant: str, run_id: str) -> Run:
        """A run of this tenant's.

        Raises:
            Problem: ``unknown``; another tenant's is no different from none.
        """
        self._tidy()
        run = self._runs.get(run_id)
        if run is None or run.tenant != tenant:
            raise Problem("unknown", "there is no run of this id, or it ended too long ago")
        return run

    def active(self) -> list[Run]:
        """Those that have not ended."""
        return [run for run in self._runs.values() if not run.ended]

    def _tidy(self) -> None:
        now = monotonic()
        while self._ended and (self._ended[0][0] <= now or self._kept > MOST_OF_ALL):
            _, run, size = self._ended.popleft()
            self._kept -= size
            self._runs.pop(run.id, None)
