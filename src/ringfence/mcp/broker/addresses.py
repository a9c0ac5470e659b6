"""A server that is an address: reached over streamable HTTP, with bounded answers, and nothing sent
but what its entry says: no proxy's or netrc's credentials of the operator, no redirect elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

import httpx2
from mcp.client.streamable_http import streamable_http_client

from ringfence.mcp.broker.flood import Meter, MeteredStream
from ringfence.mcp.broker.life import Life
from ringfence.mcp.broker.selves import MARK_HEADER

__all__ = ["address_transport"]


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
    """
    client = httpx2.AsyncClient(
        headers={**headers, MARK_HEADER: "1"},
        timeout=httpx2.Timeout(min(timeout, 30.0), read=timeout),
        transport=_Bounded(longest),
        trust_env=False,
        follow_redirects=False,
    )
    async with (
        client,
        streamable_http_client(url, http_client=client, max_sse_event_size=longest) as streams,
    ):
        incoming, outgoing = streams
        yield MeteredStream(incoming, meter, life.end), _Paying(outgoing, meter)


class _Bounded(httpx2.AsyncHTTPTransport):
    """Ends an answer that is longer than a message may be; streams of events are bounded each."""

    def __init__(self, longest: int) -> None:
        super().__init__(trust_env=False)
        self._longest = longest

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            inner = response.stream
            assert isinstance(inner, httpx2.AsyncByteStream)
            response.stream = _BoundedStream(inner, self._longest)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, longest: int) -> None:
        self._inner = inner
        self._left = longest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx2.ReadError("the answer is longer than one may be")
            yield chunk

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
