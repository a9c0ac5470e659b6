"""What the service refuses, and how it says so: RFC 9457, ``application/problem+json``.

Every answer that is no success is one of these; nothing of ours is told that is not told here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Literal, get_args

from starlette.responses import Response

__all__ = ["MEDIA_TYPE", "PROBLEMS", "Fault", "Problem", "ProblemName", "answer_to"]

MEDIA_TYPE = "application/problem+json"

ProblemName = Literal[
    "malformed",
    "not-allowed",
    "unauthorized",
    "unknown",
    "method",
    "too-large",
    "too-slow",
    "host",
    "origin",
    "busy",
    "interrupted",
    "key-reused",
    "exists",
    "quota",
    "overloaded",
    "unavailable",
    "not-enforceable",
    "no-model",
    "model-failed",
    "lost",
    "internal",
]
"""The problems there are, by name; ``type`` in an answer is ``urn:ringfence:problem:NAME``."""


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    title: str


PROBLEMS: Mapping[ProblemName, _Kind] = MappingProxyType(
    {
        "malformed": _Kind(422, "The request cannot be read"),
        "not-allowed": _Kind(422, "The operator does not allow it"),
        "unauthorized": _Kind(401, "A key is needed"),
        "unknown": _Kind(404, "There is no such thing here"),
        "method": _Kind(405, "This cannot be done to it"),
        "too-large": _Kind(413, "The request is too large"),
        "too-slow": _Kind(408, "The request did not arrive in time"),
        "host": _Kind(421, "This service answers to its own names only"),
        "origin": _Kind(403, "Pages of this origin may not ask"),
        "busy": _Kind(409, "Something is running there"),
        "interrupted": _Kind(409, "The server ended while it ran"),
        "key-reused": _Kind(422, "This idempotency key belongs to another request"),
        "exists": _Kind(409, "It exists already"),
        "quota": _Kind(429, "A quota is used up"),
        "overloaded": _Kind(503, "Too much is waiting"),
        "unavailable": _Kind(503, "The service cannot do it now"),
        "not-enforceable": _Kind(422, "The engine cannot do or enforce it"),
        "no-model": _Kind(503, "No language model is configured"),
        "model-failed": _Kind(502, "The language model did not answer"),
        "lost": _Kind(410, "It cannot come back"),
        "internal": _Kind(500, "A fault of the service"),
    }
)
"""The usual status and the title of each; ``malformed`` is 400 where there was no JSON to read."""

assert set(PROBLEMS) == set(get_args(ProblemName))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request.

    Attributes:
        field: where, as ``limits.memory`` or ``header:Idempotency-Key``.
        expected: what belongs there.
        got: a bounded description of what came instead.
    """

    field: str
    expected: str
    got: str


class Problem(Exception):
    """A request that is not answered as it wished; raised anywhere below a route.

    Args:
        name: which problem.
        detail: what happened, and what to do about it: a sentence for a person.
        status: the HTTP status, where it is not the usual one of this problem.
        retry_after: seconds after which it may go better; sent rounded up as ``Retry-After``.
        errors: what is wrong, one by one.
        headers: more headers of the answer.

    Attributes:
        noted: the audit log tells of it already.
    """

    def __init__(
        self,
        name: ProblemName,
        detail: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name, detail)
        self.name: ProblemName = name
        self.detail = detail
        self.status = PROBLEMS[name].status if status is None else status
        self.retry_after = retry_after
        self.errors = tuple(errors)
        self.noted = False
        self.headers = dict(headers or {})
        if name == "unauthorized":
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="ringfence"')

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"

    def as_json(self, instance: str | None = None) -> dict[str, Any]:
        """The body of its answer; ``instance`` names the request in the logs."""
        body: dict[str, Any] = {
            "type": f"urn:ringfence:problem:{self.name}",
            "title": PROBLEMS[self.name].title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance is not None:
            body["instance"] = instance
        if self.errors:
            body["errors"] = [
                {"field": one.field, "expected": one.expected, "got": one.got}
                for one in self.errors
            ]
        return body


def answer_to(problem: Problem, request_id: str | None = None) -> Response:
    """The answer that tells it."""
    headers = dict(problem.headers)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    instance = None if request_id is None else f"urn:ringfence:request:{request_id}"
    # Lone surrogates of a client's text are escapes in JSON, and no UTF-8.
    body = json.dumps(problem.as_json(instance), ensure_ascii=True).encode()
    return Response(body, problem.status, headers, media_type=MEDIA_TYPE)


def of_status(status: int, detail: str | None) -> Problem:
    """The problem that a status of the framework's own stands for."""
    if status == HTTPStatus.NOT_FOUND:
        return Problem("unknown", "there is nothing at this path; /openapi.json says what is here")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem("method", "this path takes other methods; /openapi.json says which")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Problem("too-large", detail or "the body is too large")
    if 400 <= status < 500:
        return Problem("malformed", detail or "the request cannot be read", status=status)
    return Problem("internal", "the service failed; its log says more", status=status)
