"""What a service refuses (RFC 9457), as the exceptions of :mod:`ringfence.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringfence.client.messages import MOST_TOLD, Answer, retry_after
from ringfence.errors import (
    ConfigurationError,
    Interrupted,
    NotAuthorized,
    PolicyNotEnforceable,
    QuotaExceeded,
    RingfenceError,
    ServiceError,
    ServiceUnavailable,
    SessionBusy,
    SessionExists,
    SessionLost,
    SessionUnknown,
)
from ringfence.model.from_json import MalformedJSON, parsed

__all__ = ["raised", "raised_of", "refused_at_the_door"]

_PREFIX = "urn:ringfence:problem:"
_SESSIONS = "/v1/sessions/"
_LONGEST = 4_000

_ERRORS: Mapping[str, type[ServiceError]] = {
    "unauthorized": NotAuthorized,
    "unknown": SessionUnknown,
    "busy": SessionBusy,
    "interrupted": Interrupted,
    "exists": SessionExists,
    "quota": QuotaExceeded,
    "overloaded": ServiceUnavailable,
    "unavailable": ServiceUnavailable,
    "too-slow": ServiceUnavailable,
    "lost": SessionLost,
}
_OF_THE_CALLER: Mapping[str, type[RingfenceError]] = {
    "malformed": ConfigurationError,
    "too-large": ConfigurationError,
    "key-reused": ConfigurationError,
    "not-allowed": PolicyNotEnforceable,
    "not-enforceable": PolicyNotEnforceable,
}
_STATUSES: Mapping[int, type[ServiceError]] = {
    401: NotAuthorized,
    403: NotAuthorized,
    404: SessionUnknown,
    429: QuotaExceeded,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}


def raised(answer: Answer, path: str) -> RingfenceError:
    """The exception that an answer stands for, which is no success. Never a class that the service
    chooses.

    Args:
        answer: what came.
        path: of what was asked.
    """
    try:
        told = parsed(answer.body, limit=MOST_TOLD)
    except MalformedJSON:
        told = None
    return raised_of(told, path, answer)


def refused_at_the_door(answer: Answer) -> bool:
    """Whether nothing was begun: it was too much, and is welcome later."""
    try:
        told = parsed(answer.body, limit=MOST_TOLD)
    except MalformedJSON:
        return False
    kind = told.get("type") if type(told) is dict else None
    return kind in (f"{_PREFIX}overloaded", f"{_PREFIX}quota")


def raised_of(told: Any, path: str, answer: Answer | None = None) -> RingfenceError:
    """The same of a problem that was read already."""
    problem = told if type(told) is dict else {}
    kind = problem.get("type")
    ours = type(kind) is str and kind.startswith(_PREFIX)
    name = str(kind).removeprefix(_PREFIX)[:100] if ours else ""
    status = 0 if answer is None else answer.status
    detail = _text(problem.get("detail")) or f"the service answered {status}"
    request_id = _text(problem.get("instance")).removeprefix("urn:ringfence:request:")[:100]
    if status == 403:
        return NotAuthorized(name, detail, request_id)
    if name in _OF_THE_CALLER:
        return _OF_THE_CALLER[name](detail)
    error = _ERRORS.get(name) or (_STATUSES.get(status) if not name else None) or ServiceError
    if error is QuotaExceeded:
        after = None if answer is None else retry_after(answer)
        return QuotaExceeded(name, detail, request_id, after)
    if error is SessionUnknown and not path.startswith(_SESSIONS):
        error = ServiceError
    return error(name, detail, request_id)


def _text(told: Any) -> str:
    """A text of the service's, on one line."""
    return " ".join(told[:_LONGEST].split()) if type(told) is str else ""
