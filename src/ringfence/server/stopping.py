"""Uvicorn's server, as servers of ours stop: what runs ends before connections do."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import uvicorn

__all__ = ["OrderlyServer"]

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class OrderlyServer(uvicorn.Server):
    """Serves until SIGTERM or Ctrl-C, and leaves in order; a second Ctrl-C does not wait.

    Args:
        config: as uvicorn has it.
        started: called once it answers.
        ending: awaited when it is to stop, before connections are closed.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        started: Callable[[], object],
        ending: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(config)
        self._when_started = started
        self._when_ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets)
        self._when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, once what runs has ended."""
        await self._when_ending()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, and leave in order: it is no failure to be stopped."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._asked) for one in _STOPPING}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        if self.should_exit and number == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
