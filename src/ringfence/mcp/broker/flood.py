"""How much a server may say that nobody asked for, before it is taken for a flood."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Protocol, Self

__all__ = ["Flood", "Meter", "MeteredStream"]

_PER_SECOND = 500.0
_AT_ONCE = 5_000.0


class Flood(Exception):
    """A server says too much; it is ended."""


class Meter:
    """Messages that came and were not asked for; each request pays for one."""

    def __init__(self) -> None:
        self._left = _AT_ONCE
        self._at = time.monotonic()

    def asked(self) -> None:
        """A request was sent: an answer is to come."""
        self._left += 1

    def came(self) -> None:
        """Count a message, or a line that is none.

        Raises:
            Flood: there were too many.
        """
        self._left -= 1
        if self._left >= 0:
            return
        now = time.monotonic()
        self._left = min(_AT_ONCE, self._left + (now - self._at) * _PER_SECOND)
        self._at = now
        if self._left < 0:
            raise Flood("it sends more messages than anybody asked for")


class _Stream(Protocol):
    async def receive(self) -> Any: ...
    async def aclose(self) -> None: ...


class MeteredStream:
    """A transport's stream of messages that ends where a flood begins.

    Args:
        inner: the transport's.
        meter: counts them.
        ended: is called with what ended it, if it was a flood.
    """

    def __init__(self, inner: _Stream, meter: Meter, ended: Any) -> None:
        self._inner = inner
        self._meter = meter
        self._ended = ended

    @property
    def last_context(self) -> Any:
        """Of the sender of the last message, where the transport keeps that."""
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> Any:
        item = await self._inner.receive()
        try:
            self._meter.came()
        except Flood as flood:
            self._ended(str(flood))
            await self.aclose()
            raise StopAsyncIteration from None
        return item

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        import anyio

        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
