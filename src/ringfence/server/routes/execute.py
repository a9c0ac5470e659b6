"""Code to run: in a sandbox of its own, or in a session that is made for it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.routes.asking import (
    answer,
    caller_who_runs,
    idempotency_key,
    read_body,
    wants_events,
)
from ringfence.server.schemas import ExecuteRequest, Reply, body_of

__all__ = ["EVENTS", "KEY", "router"]

router = APIRouter(tags=["execute"])

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "With it, a request that is sent again is answered with what it did the first "
    "time, and never run twice. Kept for 24 hours.",
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[\\x21-\\x7e]{1,200}$"},
}
"""The description of the header that makes a request safe to send again."""

EVENTS = {
    "text/event-stream": {
        "schema": {
            "type": "object",  # each event, by the fields that it has
            "required": ["event", "data"],
            "properties": {
                "id": {"type": "string"},
                "event": {
                    "enum": [
                        "run",
                        "stdout",
                        "stderr",
                        "display",
                        "progress",
                        "missed",
                        "result",
                        "problem",
                    ]
                },
                "data": {"type": "string", "description": "JSON."},
            },
            "description": "Events `run`, `stdout`, `stderr`, `display`, `progress`, `missed`, and "
            "at the end `result` or `problem`; their ids are what Last-Event-ID goes on after.",
        }
    }
}
"""The description of an event stream."""


@router.post(
    "/v1/execute",
    responses={
        200: {"model": Reply, "description": "What came of it.", "content": EVENTS},
        **documented(
            "not-allowed",
            "busy",
            "interrupted",
            "key-reused",
            "quota",
            "overloaded",
            "unavailable",
            "not-enforceable",
            "lost",
        ),
    },
    response_class=Response,
    openapi_extra={**body_of(ExecuteRequest), "parameters": [KEY]},
)
async def execute(request: Request) -> Response:
    """Run code.

    A guest's failure is an answer like another: `status` says what it was. With `session_id` the
    code runs in a session, which is made if there is none; without, in a fresh sandbox.
    `Accept: text/event-stream` gives events while it runs.
    """
    caller = await caller_who_runs(request)
    asked, size = await read_body(request, ExecuteRequest)
    key = idempotency_key(request)
    run = await house_of(request).execution.run(
        caller, asked, idempotency_key=key, recording=wants_events(request), size=size
    )
    return await answer(request, run, keyed=key is not None)
