"""The door: who may talk to the workshop, how often, and what a browser may do with its answers."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.workshop.http.answers import refusal, too_often
from ringfence.workshop.http.rates import RateLimiter, Rates

__all__ = ["HEADERS", "Door", "address_of"]

HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""On every answer: whatever a stranger has written in it, it is no page."""

_LONGEST_QUERY = 2_000
_ADDRESS = "ringfence.workshop.address"


class Door:
    """Lets through what names this workshop, and does not come too often.

    Args:
        app: what is behind the door.
        hosts: the hosts that requests may name; None where another application has checked them.
        proxy: the address of the proxy that ends TLS; every request has to come through it.
        rates: how often one may ask.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str] | None, proxy: str | None, rates: Rates
    ) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(one.lower() for one in hosts)
        self._proxy = proxy
        self._requests = RateLimiter(rates.requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                named = {name.lower() for name, _ in given}
                given += [
                    (name.encode(), value.encode())
                    for name, value in {**HEADERS, "cache-control": "no-store"}.items()
                    if name.encode() not in named
                ]
                message = {**message, "headers": given}
            await send(message)

        answer = self._refusal(scope)
        await (self._app if answer is None else answer)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        host = _header(scope, b"host")
        if self._hosts is not None and host.lower() not in self._hosts:
            return refusal(421, "malformed", "this workshop answers to its own name only")
        address = (scope.get("client") or ("", 0))[0]
        if self._proxy is not None:
            if address != self._proxy or _header(scope, b"x-forwarded-proto") != "https":
                return refusal(403, "not-allowed", "this workshop is reached through its proxy")
            # The last one is the proxy's word; those before it are anybody's.
            address = _header(scope, b"x-forwarded-for").rpartition(",")[2].strip()
        scope[_ADDRESS] = address = _counted(address)
        seconds = self._requests.take(address)
        if seconds:
            return too_often(seconds)
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            return refusal(414, "malformed", f"a query has at most {_LONGEST_QUERY} characters")
        return None


def address_of(scope: Scope) -> str:
    """Who asks, as the door saw them."""
    return str(scope.get(_ADDRESS, ""))


def _counted(address: str) -> str:
    """Under what somebody's requests are counted: an address, or of IPv6 the network, in which one
    person has all addresses; whatever is none is one for all.
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def _header(scope: Scope, name: bytes) -> str:
    """A header; empty where it is missing, or there twice: nobody who is honest sends two."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    found = [value for key, value in headers if key.lower() == name]
    return found[0].decode("latin-1") if len(found) == 1 else ""
