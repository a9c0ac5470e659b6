"""Connections that say nothing: they are given up, and keep nobody out."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

__all__ = ["MOST_CONNECTIONS", "PromptProtocol"]

MOST_CONNECTIONS = 100
"""Connections at once; with so many, the one that has waited longest for a request gives way."""

_PATIENCE = 10.0
"""Seconds until a request's headers have to be here, from when it was connected or began."""


class PromptProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which by itself waits for ever for a request that was not begun, or whose
    headers do not end. How long a body may take is decided by who reads it.
    """

    _due: asyncio.TimerHandle | None = None
    _since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Wait for a request, for so long; and make room."""
        super().connection_made(transport)
        self._expect()
        if len(self.connections) >= MOST_CONNECTIONS:
            others = (one for one in self.connections if isinstance(one, PromptProtocol))
            silent = [one for one in others if one is not self and one.is_silent]
            if silent:
                min(silent, key=lambda one: one._since).give_up()

    def data_received(self, data: bytes) -> None:
        """Take bytes; where they are no whole headers, the time that they have goes on."""
        super().data_received(data)
        if not self.is_silent:
            self._relax()
        elif self._due is None:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._relax()
        super().connection_lost(exc)

    @property
    def is_silent(self) -> bool:
        """Whether no request is here as far as its headers, and none is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        return (cycle is None or cycle.response_complete) and self.conn.their_state is h11.IDLE

    def give_up(self) -> None:
        """End it; it counts no more, also until its transport has ended."""
        self._relax()
        self.connections.discard(self)
        self.transport.close()

    def _expect(self) -> None:
        self._since = time.monotonic()
        self._due = self.loop.call_later(_PATIENCE, self.give_up)

    def _relax(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
