"""What is raised below a route, as the problem that it is for a client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ringfence.errors import (
    BlobLost,
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    Fenced,
    ModelFailed,
    NoModel,
    PolicyNotEnforceable,
    SandboxBusy,
    StoreUnavailable,
    ValidationFailed,
)
from ringfence.server.problems import Fault, Problem, of_status

__all__ = ["problem_of"]

_MOST_FAULTS = 20
_LONGEST = 200


def problem_of(error: BaseException) -> Problem:
    """The problem that tells it; ``internal`` for what nobody foresaw, of which nothing is told."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(error.errors())
    if isinstance(error, HTTPException):
        problem = of_status(error.status_code, error.detail or None)
        problem.headers.update(error.headers or {})  # what may be done instead: Allow
        return problem
    if isinstance(error, PolicyNotEnforceable):
        return Problem("not-enforceable", str(error))
    if isinstance(error, ConfigurationError | ValidationFailed):
        return Problem("malformed", str(error))
    if isinstance(error, NoModel):
        return Problem("no-model", str(error))
    if isinstance(error, ModelFailed):
        return Problem("model-failed", str(error))
    if isinstance(error, SandboxBusy):
        return Problem("busy", str(error))
    if isinstance(error, StoreUnavailable):
        # Who is told to ask again does; where it may have been kept, it would be done twice.
        return Problem(
            "unavailable", _of_store(error), retry_after=None if error.kept is None else 1
        )
    if isinstance(error, Fenced):
        return Problem(
            "unavailable", "another server has taken over; ask again, and it answers", retry_after=1
        )
    if isinstance(error, BlobLost):
        return Problem("lost", "what was saved of it is gone, or damaged")
    if isinstance(error, EngineNotAvailable):
        return Problem("unavailable", str(error), retry_after=5)
    if isinstance(error, EngineFailure):
        return Problem("unavailable", f"no guest could be started: {error}", retry_after=1)
    return Problem("internal", "the service failed; its log says more under this request's id")


def _of_store(error: StoreUnavailable) -> str:
    """Its own text may hold an address."""
    if error.kept is None:
        return "the database went away while it was asked to keep this; it may be kept or not"
    return "the database does not answer, or cannot be written; nothing of this was kept"


def _of_validation(errors: Sequence[Any]) -> Problem:
    if any(one.get("type") == "json_invalid" for one in errors):
        where = next(one for one in errors if one.get("type") == "json_invalid")
        detail = str((where.get("ctx") or {}).get("error", "it ends too early"))
        return Problem("malformed", f"the body is no JSON: {_bounded(detail)}", status=400)
    faults = [
        Fault(_place(one.get("loc", ())), str(one.get("msg", "")), _bounded(_shown(one)))
        for one in errors[:_MOST_FAULTS]
    ]
    fields = ", ".join(dict.fromkeys(one.field for one in faults))
    more = f" and {len(errors) - _MOST_FAULTS} more" if len(errors) > _MOST_FAULTS else ""
    return Problem("malformed", f"not as /openapi.json describes it: {fields}{more}", errors=faults)


def _place(location: Sequence[Any]) -> str:
    """``limits.memory``, ``query:after``."""
    first, *rest = location or ("body",)
    path = _bounded(".".join(map(str, rest)))
    if first == "body":
        return path or "body"
    return f"{first}:{path}"


def _shown(error: Any) -> str:
    """What came, in a few characters: it goes back to who sent it."""
    given = error.get("input")
    if error.get("type") == "missing":
        return "nothing"
    if isinstance(given, dict | list):
        return f"{'an object' if isinstance(given, dict) else 'a list'} of {len(given)}"
    if isinstance(given, str | bytes) and len(given) > _LONGEST:
        return f"{type(given).__name__} of {len(given)}"
    if isinstance(given, int) and abs(given) > 1 << 128:
        return "a number of many digits"
    return repr(given)


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
