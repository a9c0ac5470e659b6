"""The service's socket, and the process around it."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Callable

import uvicorn

from ringfence.errors import EngineFailure
from ringfence.model.guest_link import MOST_BYTES, MOST_TEXT
from ringfence.server.app import application, is_own, opened
from ringfence.server.guests.frames import FrugalWebSocket
from ringfence.server.house import House
from ringfence.server.operations.logs import logging_to
from ringfence.server.prompt import protocol_of
from ringfence.server.settings import Settings
from ringfence.server.stopping import OrderlyServer

__all__ = ["Server"]

_MOST_DESCRIPTORS = 65_536


class Server:
    """Serves until it is told to stop.

    Args:
        settings: what its operator decided.

    Attributes:
        url: where it is.

    Raises:
        ConfigurationError: the address is none.
        EngineFailure: the port is taken.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        is_own(settings.host)
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        # Told that it is TCP, asyncio's own loop sends without waiting for acknowledgements, too.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Nobody can connect yet: it listens once all parts are there.
            self._socket.bind((settings.host, settings.port))
        except OSError as error:
            self._socket.close()
            raise EngineFailure(
                f"cannot listen at {settings.host}, port {settings.port}: {error}"
            ) from error
        shown = f"[{settings.host}]" if family == socket.AF_INET6 else settings.host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"

    def serve(self, started: Callable[[], object] = lambda: None) -> None:
        """Serve until SIGTERM or Ctrl-C; sessions are saved when it returns.

        Args:
            started: called once the service answers.

        Raises:
            RingfenceError: a part of it cannot be had.
        """
        settings = self.settings
        _raise_descriptors()
        try:
            with (
                logging_to(settings.log_level, settings.log_format),
                asyncio.Runner(loop_factory=_loop_factory()) as runner,
            ):
                runner.run(self._serve(started))
        finally:
            self._socket.close()

    async def _serve(self, started: Callable[[], object]) -> None:
        settings = self.settings
        async with opened(settings) as house:
            config = uvicorn.Config(
                application(house),
                access_log=False,
                backlog=1_024,
                date_header=False,
                http=protocol_of(
                    connections=settings.connections,
                    head_seconds=settings.head_seconds,
                    leave_seconds=settings.resume_seconds,
                    send_seconds=settings.body_seconds,
                    unread_bytes=settings.answers_bytes,
                ),
                lifespan="off",
                log_config=None,
                loop="none",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=5,
                timeout_keep_alive=75,
                ws=FrugalWebSocket,
                ws_max_size=max(MOST_BYTES, MOST_TEXT),
                ws_per_message_deflate=False,  # a small message would be a large one
            )

            def answers() -> None:
                house.log.event("started")
                started()

            async def end() -> None:
                house.draining = True  # /ready says no, and nothing new is run
                house.log.event("stopping")
                await _drained(house)

            server = OrderlyServer(config, started=answers, ending=end)
            await server.serve(sockets=[self._socket])


async def _drained(house: House) -> None:
    """Wait for what runs, for so long; what runs still is cancelled then."""
    parts = [one for one in (house.execution, house.hook_calls) if one is not None]
    await asyncio.gather(*(one.drain(house.settings.shutdown_seconds) for one in parts))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _raise_descriptors() -> None:
    """A live session has some descriptors: have as many as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
