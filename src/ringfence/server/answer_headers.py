"""The headers that are on every answer, and those that tell a browser which page may read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from starlette.types import Message, Send

__all__ = ["HEADERS", "Answered", "cors", "with_headers"]

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
_ASKED_HEADERS = "authorization, content-type, idempotency-key, last-event-id, accept"
_TOLD_HEADERS = "x-request-id, idempotency-replayed, retry-after"


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

    async def preflight(self) -> None:
        """What a browser asks before it lets a page ask."""
        headers = [
            (b"access-control-allow-methods", _METHODS.encode()),
            (b"access-control-allow-headers", _ASKED_HEADERS.encode()),
            (b"access-control-max-age", b"600"),
        ]
        await self({"type": "http.response.start", "status": 204, "headers": headers})
        await self({"type": "http.response.body", "body": b""})


def cors(origins: Collection[str], origin: str | None) -> list[tuple[bytes, bytes]]:
    """What a browser is told, where some pages may ask; ``origin`` is one that may, or none."""
    if not origins:
        return []
    more = [(b"vary", b"Origin")]
    if origin is not None:
        more += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _TOLD_HEADERS.encode()),
        ]
    return more


def with_headers(
    headers: Iterable[tuple[bytes, bytes]], more: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Headers of an answer, with those that every answer has, and more."""
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return given + [one for one in (*_RAW_HEADERS, *more) if one[0] not in named]
