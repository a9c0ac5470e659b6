"""Errors as answers: what happened and what to do, and nothing of the inside of the service."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import JSONResponse

from ringfence.errors import (
    AlreadyPublished,
    BundleRefused,
    ReleaseRevoked,
    RingfenceError,
    WorkshopNotAvailable,
    WorkshopRefusal,
    WorkshopRefused,
)

__all__ = ["BUNDLE_REFUSED", "NOT_AVAILABLE", "error_answer", "refusal", "too_often"]

BUNDLE_REFUSED = "bundle-refused"
NOT_AVAILABLE = "not-available"

_log = logging.getLogger("ringfence.workshop")
_STATUS: Mapping[WorkshopRefusal, int] = MappingProxyType(
    {
        "malformed": 400,
        "not-signed-in": 401,
        "not-allowed": 403,
        "unknown": 404,
        "taken": 409,
        "confusable": 409,
        "exists": 409,
        "incompatible": 422,
        "state": 409,
        "too-large": 413,
        "too-many": 429,
    }
)


def refusal(status: int, reason: str, message: str, **headers: str) -> JSONResponse:
    """``{"error": {"reason", "message"}}``"""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"error": {"reason": reason, "message": message}}, status, headers=told)


def too_often(seconds: int) -> JSONResponse:
    """Wait, and ask again."""
    message = f"you ask too often; ask again in {seconds} s"
    return refusal(429, "too-many", message, retry_after=str(seconds))


def error_answer(error: Exception) -> JSONResponse:
    """What a client is told of an exception."""
    if isinstance(error, WorkshopRefused):
        headers = {}
        if error.reason == "not-signed-in":
            headers["www_authenticate"] = 'Bearer realm="workshop"'
        if error.reason == "too-many":
            headers["retry_after"] = "60"
        return refusal(_STATUS[error.reason], error.reason, error.message, **headers)
    if isinstance(error, AlreadyPublished):
        return refusal(409, "exists", str(error))
    if isinstance(error, ReleaseRevoked):
        return refusal(409, "state", str(error))
    if isinstance(error, BundleRefused):
        return refusal(422, BUNDLE_REFUSED, str(error))
    if isinstance(error, RingfenceError):
        _log.error("%s", error)
        what = "its database does not answer" if isinstance(error, WorkshopNotAvailable) else ""
        return refusal(
            503,
            NOT_AVAILABLE,
            f"the workshop cannot do this now{': ' * bool(what)}{what}; nothing is lost, ask again "
            "later",
            retry_after="30",
        )
    _log.error("a fault of the workshop", exc_info=error)
    return refusal(500, "fault", "this is a fault of the workshop; its log says more")
