"""The OpenAPI description: the contract. Every problem that a path can answer with is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ringfence.server.problems import MEDIA_TYPE, PROBLEMS, ProblemName

__all__ = ["describe", "documented"]

_SCHEMA = {
    "title": "Problem",
    "description": "What was refused, and why (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "enum": [f"urn:ringfence:problem:{name}" for name in PROBLEMS],
        },
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What happened, and what to do about it."},
        "instance": {"type": "string", "description": "The request, as the log has it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "expected", "got"],
                "properties": {
                    "field": {"type": "string"},
                    "expected": {"type": "string"},
                    "got": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": False,
}
_DETAILS: Mapping[ProblemName, str] = {
    "malformed": "not as /openapi.json describes it: timeout_seconds",
    "not-allowed": "timeout_seconds is at most 60 here, and 90 was asked for",
    "unauthorized": "a key is needed: Authorization: Bearer rfk_…",
    "unknown": "there is no session of this name",
    "method": "this path takes other methods; /openapi.json says which",
    "too-large": "a body has at most 16777216 bytes here",
    "too-slow": "the body did not arrive in time",
    "host": "the host that was asked for is not this service's",
    "origin": "pages of this origin may not ask",
    "busy": "a turn is running in this session, and on_busy is reject",
    "interrupted": "the server ended while it ran; it is not run again",
    "key-reused": "this idempotency key was sent with another request",
    "exists": "there is a session of this name",
    "quota": "the quota concurrent is used up: at most 64 runs at once",
    "overloaded": "64 runs are waiting; try again later",
    "unavailable": "the database does not answer",
    "not-enforceable": "the engine native cannot enforce fuel",
    "no-model": "no language model is configured: RINGFENCE_AGENT_MODEL",
    "model-failed": "the model's endpoint answered 500",
    "lost": "this session cannot come back",
    "internal": "the service failed; its log says more under this request's id",
}
_EVERYWHERE: tuple[tuple[ProblemName, int | None], ...] = (
    ("malformed", 400),
    ("host", None),
    ("origin", None),
    ("too-large", 414),
    ("too-large", 431),
    ("overloaded", None),
    ("internal", None),
)
_WITH_KEY: tuple[tuple[ProblemName, int | None], ...] = (
    ("unauthorized", None),
    ("malformed", None),
    ("unavailable", None),
)
_WITH_BODY: tuple[tuple[ProblemName, int | None], ...] = (
    ("too-large", None),
    ("too-slow", None),
)
_OPEN = frozenset({"/health", "/ready", "/metrics"})


def documented(
    *names: ProblemName | tuple[ProblemName, int],
) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that can answer with these problems; with their usual status,
    if none is given.

    Those that any route can answer with are added to all of them.
    """
    responses: dict[int | str, dict[str, Any]] = {}
    for one in names:
        name, status = (one, PROBLEMS[one].status) if isinstance(one, str) else one
        _add(responses, name, status)
    return responses


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        components = schema.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        schemas["Problem"] = _SCHEMA
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    given = responses.get("422", {}).get("content", {}).get("application/json", {})
    if "HTTPValidationError" in str(given.get("schema", "")):
        del responses["422"]
    for name, status in _EVERYWHERE:
        _add(responses, name, status or PROBLEMS[name].status, text=True)
    if path not in _OPEN:
        operation["security"] = [{"key": []}, {}]
        for name, status in _WITH_KEY:
            _add(responses, name, status or PROBLEMS[name].status, text=True)
    if method not in ("get", "head"):
        for name, status in _WITH_BODY:
            _add(responses, name, status or PROBLEMS[name].status, text=True)
    for response in responses.values():
        response.setdefault("headers", {})["X-Request-ID"] = {
            "description": "This request, as the log has it.",
            "schema": {"type": "string"},
        }


def _add(
    responses: dict[Any, dict[str, Any]], name: ProblemName, status: int, *, text: bool = False
) -> None:
    """Add a problem to the answers with its status."""
    kind = PROBLEMS[name]
    key: Any = str(status) if text else status
    response = responses.setdefault(key, {"description": kind.title})
    if kind.title not in response.setdefault("description", kind.title):
        response["description"] += f"; or: {kind.title}"
    content = response.setdefault("content", {}).setdefault(MEDIA_TYPE, {})
    content["schema"] = {"$ref": "#/components/schemas/Problem"}
    content.setdefault("examples", {})[name] = {
        "value": {
            "type": f"urn:ringfence:problem:{name}",
            "title": kind.title,
            "status": status,
            "detail": _DETAILS[name],
        }
    }
    if name in ("quota", "overloaded", "unavailable"):
        response.setdefault("headers", {})["Retry-After"] = {
            "description": "Seconds.",
            "schema": {"type": "integer"},
        }
