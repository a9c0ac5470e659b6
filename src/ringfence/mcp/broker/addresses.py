"""A server that is an address: reached over streamable HTTP, with bounded answers, and nothing sent
but what its entry says: no proxy's or netrc's credentials of the operator, no redirect elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

import httpx2
from mcp.client.streamable_http import streamable_http_client

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.flood import Flood, Meter, MeteredStream
from ringfence.mcp.broker.life import Life
from ringfence.mcp.broker.outlines import Outline
from ringfence.mcp.broker.selves import MARK_HEADER

__all__ = ["address_transport", "refusal"]

_WHY = {
    401: "it wants an authorization (HTTP 401): give a header in its entry; OAuth is not spoken",
    403: "it refuses what it is sent (HTTP 403): look at the headers of its entry",
    404: "nothing is at its address (HTTP 404): it must be one of streamable HTTP, not of SSE",
    405: "its address takes no messages (HTTP 405): it must be one of streamable HTTP, not of SSE",
}


@contextlib.asynccontextmanager
async def address_transport(
    url: str, headers: Mapping[str, str], longest: int, timeout: float, life: Life, meter: Meter
) -> AsyncIterator[Any]:
    """Connect, and give the two streams of messages.

    Args:
        url: where it is.
        headers: sent with each request.
        longest: bytes of one answer, or of one event.
        timeout: seconds in which something has to come.
        life: is told if it floods.
        meter: counts what comes.

    Raises:
        ConfigurationError: a header that no request can have; no value of it is told.
    """
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise ConfigurationError(
                f"header {name}: a value of printable ASCII, without space around it, is needed; "
                "what it refers to may end in a new line"
            )
    client = httpx2.AsyncClient(
        headers=dict(headers),
        timeout=httpx2.Timeout(min(timeout, 30.0), read=timeout),
        transport=_Bounded(longest, life, meter),
        trust_env=False,
        follow_redirects=False,
    )
    async with (
        client,
        streamable_http_client(url, http_client=client, max_sse_event_size=longest) as streams,
    ):
        incoming, outgoing = streams
        yield MeteredStream(incoming, meter, life.end), _Paying(outgoing, meter)


def refusal(status: int) -> str:
    """Why a server that answered with a status of HTTP cannot be spoken to, and what to do."""
    if status < 400:
        return f"it leads elsewhere (HTTP {status}), where nobody follows; give the address itself"
    return _WHY.get(status, f"it refused to connect (HTTP {status})")


def _refuses(request: httpx2.Request, response: httpx2.Response) -> bool:
    return request.method == "POST" and response.status_code >= 300


class _Bounded(httpx2.AsyncHTTPTransport):
    """Ends an answer that is longer than a message may be, and streams of events that flood."""

    def __init__(self, longest: int, life: Life, meter: Meter) -> None:
        super().__init__(trust_env=False)
        self._longest = longest
        self._life = life
        self._meter = meter

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        # Whatever an entry says. A packed answer would be measured before it is unpacked.
        request.headers["accept-encoding"] = "identity"
        request.headers[MARK_HEADER] = "1"
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            await response.aclose()
            self._life.end("it packs its answers, which nobody asked for")
            raise httpx2.ReadError("a packed answer")
        # Streams of events that the server begins are asked for by GET, and need not be there.
        self._life.refused = response.status_code if _refuses(request, response) else 0
        events = response.headers.get("content-type", "").startswith("text/event-stream")
        inner = response.stream
        assert isinstance(inner, httpx2.AsyncByteStream)
        longest = None if events else self._longest  # of events, each is bounded by the SDK
        response.stream = _BoundedStream(inner, longest, self._life, self._meter)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(
        self, inner: httpx2.AsyncByteStream, longest: int | None, life: Life, meter: Meter
    ) -> None:
        self._inner = inner
        self._longest = longest
        self._size = 0
        self._life = life
        self._meter = meter
        self._outline = Outline("never" if longest is not None else "blank line")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            try:
                self._count(chunk)
            except Flood as flood:
                self._life.end(str(flood))
                raise httpx2.ReadError(str(flood)) from None
            yield chunk

    def _count(self, chunk: bytes) -> None:
        self._meter.read(len(chunk))
        self._size += len(chunk)
        if self._longest is not None and self._size > self._longest:
            raise Flood(f"it sent a message of more than {self._longest:,} bytes")
        self._outline.feed(chunk)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Paying:
    """The stream of what is sent: each message pays for an answer."""

    def __init__(self, inner: Any, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    async def send(self, item: Any) -> None:
        self._meter.asked()
        await self._inner.send(item)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
