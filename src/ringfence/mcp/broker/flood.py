"""How much a server may say that nobody asked for, before it is taken for a flood."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Protocol, Self

import mcp_types

__all__ = ["Flood", "Meter", "MeteredStream"]

_PER_SECOND = 500.0
_AT_ONCE = 5_000.0
_QUESTIONS_PER_SECOND = 20.0
_QUESTIONS_AT_ONCE = 500.0
_BYTES_PER_SECOND = float(8 << 20)
_BYTES_AT_ONCE = float(64 << 20)


class Flood(Exception):
    """A server says too much; it is ended."""


class Meter:
    """Messages and bytes that came and were not asked for; each request pays for one answer.

    Args:
        longest: bytes of an answer.
    """

    def __init__(self, longest: int = 0) -> None:
        self._longest = longest
        self._messages = _Left(_AT_ONCE, _PER_SECOND)
        self._questions = _Left(_QUESTIONS_AT_ONCE, _QUESTIONS_PER_SECOND)
        self._bytes = _Left(_BYTES_AT_ONCE, _BYTES_PER_SECOND)

    def asked(self) -> None:
        """A request was sent: an answer is to come."""
        self._messages.left += 1
        self._bytes.left += self._longest

    def came(self, message: object = None) -> None:
        """Count a message, or a line that is none.

        Args:
            message: what came; a request of the server's counts as a question, too. Each is
                answered, if only with a no, and waits in memory until the server reads that.

        Raises:
            Flood: there were too many.
        """
        if isinstance(message, mcp_types.JSONRPCRequest) and not self._questions.spend(1):
            raise Flood("it asks more than anybody answers")
        if not self._messages.spend(1):
            raise Flood("it sends more messages than anybody asked for")

    def read(self, size: int) -> None:
        """Count bytes, of whatever.

        Raises:
            Flood: there were too many.
        """
        if not self._bytes.spend(size):
            raise Flood("it sends more bytes than anybody asked for")


class _Left:
    """What may yet come, and comes back with time up to a burst."""

    def __init__(self, burst: float, rate: float) -> None:
        self.left = burst
        self._burst = burst
        self._rate = rate
        self._at = time.monotonic()

    def spend(self, amount: float) -> bool:
        self.left -= amount
        if self.left >= 0:
            return True
        now = time.monotonic()
        self.left = min(self._burst, self.left + (now - self._at) * self._rate)
        self._at = now
        return self.left >= 0


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
            self._meter.came(getattr(item, "message", None))
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
