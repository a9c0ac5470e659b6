"""What goes to a service, and what comes of it: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ringfence.model.as_json import packed

__all__ = ["MOST_TOLD", "Answer", "Pause", "Request", "Unreached", "retry_after"]

MOST_TOLD = 1 << 20
"""Bytes of a problem, or of anything else that is no result."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes:
        method: of HTTP.
        path: below the service's address, quoted.
        query: name -> value.
        headers: beside those of every request.
        body: bytes.
        repeatable: whether it may be sent again though it may have arrived: it does the same then,
            or has an idempotency key.
        most: bytes of its answer.
        seconds: that its answer may take.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    repeatable: bool = False
    most: int = MOST_TOLD
    seconds: float = 30.0

    @classmethod
    def json(cls, method: str, path: str, data: Any, **more: Any) -> Request:
        """One whose body is JSON."""
        headers = {"content-type": "application/json", **more.pop("headers", {})}
        return cls(method, path, headers=headers, body=packed(data), **more)


class Answer(NamedTuple):
    """What a service answered.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case.
        body: bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreached(NamedTuple):
    """There was no answer.

    Attributes:
        reason: why, for people.
        sent: whether the request may have arrived.
    """

    reason: str
    sent: bool


class Pause(NamedTuple):
    """Wait so many seconds."""

    seconds: float


def retry_after(answer: Answer) -> float | None:
    """Seconds that the service asks to wait for; None where it asks for nothing."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
