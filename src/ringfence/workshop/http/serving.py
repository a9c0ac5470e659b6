"""The workshop's server: a socket, and the application behind it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence

import uvicorn

from ringfence.errors import ConfigurationError, EngineFailure
from ringfence.workshop.http.application import application
from ringfence.workshop.http.prompt import MOST_CONNECTIONS, PromptProtocol
from ringfence.workshop.http.rates import Rates
from ringfence.workshop.worker import Worker
from ringfence.workshop.workshop import Workshop

__all__ = ["Server"]


class Server:
    """Serves a workshop, and processes what is submitted to it.

    Args:
        workshop: what is served; open while it is.
        address: to listen at. Another than this machine's own (127.0.0.1, ::1) needs ``tls_proxy``:
            tokens are not sent over a network in the clear.
        port: 0 takes any that is free.
        names: the hosts that requests may name, beside the address itself.
        tls_proxy: the address of a proxy that ends TLS, through which every request comes.
        rates: how often one may ask.

    Attributes:
        url: where it is, on this machine.

    Raises:
        ConfigurationError: the address is a public one, and there is no proxy.
        EngineFailure: the port is taken.
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        names: Sequence[str] = (),
        tls_proxy: str | None = None,
        rates: Rates | None = None,
    ) -> None:
        if not _is_own(address) and tls_proxy is None:
            raise ConfigurationError(
                f"{address} can be reached by others, who would send their tokens in the clear; "
                "put a proxy that ends TLS in front, and say which: --tls-proxy ADDRESS"
            )
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            self._socket = socket.create_server((address, port), family=family, backlog=64)
        except OSError as error:
            raise EngineFailure(f"cannot listen at {address}, port {port}: {error}") from error
        bound = self._socket.getsockname()[1]
        shown = f"[{address}]" if ":" in address else address
        self.url = f"http://{shown}:{bound}"
        hosts = {f"{shown}:{bound}", *names}
        if _is_own(address):
            hosts.add(f"localhost:{bound}")
        self._workshop = workshop
        self._application = application(workshop, hosts=hosts, proxy=tls_proxy, rates=rates)
        self._server: uvicorn.Server | None = None
        self._stop = False

    def serve(self, started: Callable[[], object] = lambda: None) -> None:
        """Serve until :meth:`stop`, or until Ctrl-C where this is the main thread.

        Args:
            started: called once the address answers.
        """
        with Worker(self._workshop):
            asyncio.run(self._serve(started))

    def stop(self) -> None:
        """End it, from any thread."""
        self._stop = True
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Close the socket, where it was not served."""
        self._socket.close()

    async def _serve(self, started: Callable[[], object]) -> None:
        config = uvicorn.Config(
            self._application,
            access_log=False,
            date_header=False,
            h11_max_incomplete_event_size=16 << 10,
            http=PromptProtocol,
            limit_concurrency=MOST_CONNECTIONS,
            log_config=None,
            loop="asyncio",
            proxy_headers=False,  # the door reads them, from the one proxy that may say so
            server_header=False,
            timeout_graceful_shutdown=5,
            ws="none",
        )
        self._server = server = uvicorn.Server(config)
        server.should_exit = self._stop
        started()  # the socket listens already: who comes early waits in its queue
        await server.serve(sockets=[self._socket])


def _is_own(address: str) -> bool:
    """Whether only this machine reaches an address.

    Raises:
        ConfigurationError: it is no address.
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        raise ConfigurationError(f"{address!a} is no address; write 127.0.0.1") from None
