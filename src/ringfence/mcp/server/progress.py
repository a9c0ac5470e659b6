"""Signs of life of a run: what the guest says of its progress, and a heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringfence.model import Progress

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

__all__ = ["Telling", "report_through"]

Report = Callable[[float, float | None, str | None], Awaitable[None]]

_LEAST = 1e-6
_PERIOD = 0.1
_LONGEST = 200


class Telling:
    """Tells a client how far a run is, as long as the block lasts. Never holds the guest up.

    The protocol wants numbers that grow. What the guest says of itself is one of 0 to 1, and the
    next number where it does not grow; only the last of what it says at once is told, ten times a
    second at most.

    Args:
        heartbeat: seconds after which a guest that says nothing is said to run.
    """

    def __init__(self, heartbeat: float) -> None:
        self._heartbeat = heartbeat
        self._report: Report | None = None
        self._last = 0.0
        self._said: Progress | None = None
        self._news = asyncio.Event()
        self._telling = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._began = time.monotonic()

    def attend(self, report: Report | None) -> None:
        """Tell it to this request from now on; None tells it to nobody."""
        self._report = report

    def say(self, progress: Progress) -> None:
        """The guest said something."""
        self._said = progress
        self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._tell())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        with contextlib.suppress(Exception, TimeoutError):
            # What is being told is told to its end, and what was said last as well.
            async with asyncio.timeout(_PERIOD), self._telling:
                if self._said is not None and kind is None:
                    await self._once()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _tell(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._heartbeat):
                    await self._news.wait()
            with contextlib.suppress(Exception):  # whoever does not listen is not told
                async with self._telling:
                    await self._once()
            await asyncio.sleep(_PERIOD)

    async def _once(self) -> None:
        said, self._said = self._said, None
        self._news.clear()
        if said is None:
            elapsed = f"running for {time.monotonic() - self._began:.0f} s"
            await self._send(self._last + _LEAST, elapsed)
        else:
            fraction = self._last if said.fraction is None else said.fraction
            await self._send(max(fraction, self._last + _LEAST), _cleaned(said.message))

    async def _send(self, number: float, message: str) -> None:
        self._last = number
        if self._report is not None:
            await self._report(number, 1.0, message or None)


def report_through(ctx: ServerRequestContext) -> Report:
    """How a request is told of its progress; one that did not ask to be is told nothing."""
    return ctx.session.report_progress


def _cleaned(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text[:_LONGEST])
