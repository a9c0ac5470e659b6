"""The headers that are on every answer, and those that tell a browser which page may read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from starlette.types import Message, Send

__all__ = ["ASKED", "HEADERS", "TOLD", "Answered", "cors", "with_headers"]

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""On every answer: whatever a guest has written in it, it is no page."""

_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_METHODS = "GET, POST, PUT, DELETE"

ASKED = "authorization, content-type, idempotency-key, last-event-id, accept"
"""Headers that a page may send."""

TOLD = "x-request-id, idempotency-replayed, retry-after"
"""Headers that a page may read."""


class Answered:
    """Sends with the headers that every answer has."""

    def __init__(self, send: Send, more: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._more = more
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": with_headers(message.get("headers", ()), self._more)}
        await self._send(message)

    async def preflight(self, asked: bytes) -> None:
        """What a browser asks before it lets a page ask: ``asked`` are the headers it may send."""
        headers = [
            (b"access-control-allow-methods", _METHODS.encode()),
            (b"access-control-allow-headers", asked),
            (b"access-control-max-age", b"600"),
        ]
        await self({"type": "http.response.start", "status": 204, "headers": headers})
        await self({"type": "http.response.body", "body": b""})


def cors(origins: Collection[str], origin: str | None, told: bytes) -> list[tuple[bytes, bytes]]:
    """What a browser is told, where some pages may ask.

    Args:
        origins: of the pages that may.
        origin: one of them, or none.
        told: headers that such a page may read.
    """
    if not origins:
        return []
    more = [(b"vary", b"Origin")]
    if origin is not None:
        more += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", told),
        ]
    return more


def with_headers(
    headers: Iterable[tuple[bytes, bytes]], more: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Headers of an answer, with those that every answer has, and more."""
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return given + [one for one in (*_RAW_HEADERS, *more) if one[0] not in named]
