"""Runs, by their id: their events, from wherever a reader goes on, and their end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.problems import Problem
from ringfence.server.routes.asking import EventStream, caller_who_runs, json_answer, last_event
from ringfence.server.routes.execute import EVENTS
from ringfence.server.schemas import Cancelled

__all__ = ["router"]

router = APIRouter(tags=["runs"])

_MOST_READERS = 8
RunId = Annotated[str, Path(max_length=100)]
_LAST = [
    {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "description": "The id of the last event that was read.",
        "schema": {"type": "string", "maxLength": 120},
    },
    {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "The number of the last event that was read, where there is no header.",
        "schema": {"type": "integer", "minimum": 0},
    },
]


@router.get(
    "/v1/runs/{run_id}/events",
    responses={
        200: {"description": "Its events.", "content": EVENTS},
        **documented("unknown", "malformed", "busy"),
    },
    response_class=Response,
    openapi_extra={"parameters": _LAST},
)
async def events(run_id: RunId, request: Request) -> Response:
    """The events of a run that goes on, or ended lately."""
    caller = await caller_who_runs(request)
    run = house_of(request).execution.runs.find(caller.tenant, run_id)
    if run.readers >= _MOST_READERS:
        raise Problem("busy", f"{_MOST_READERS} readers follow this run already", retry_after=1.0)
    return EventStream(run, last_event(request, run.id))


@router.post(
    "/v1/runs/{run_id}/cancel",
    status_code=202,
    responses={
        202: {"model": Cancelled, "description": "It ends; its reply says so."},
        **documented("unknown"),
    },
    response_class=Response,
)
async def cancel(run_id: RunId, request: Request) -> Response:
    """End a run. Its code is interrupted, and stopped if it does not heed that."""
    caller = await caller_who_runs(request)
    run = house_of(request).execution.runs.find(caller.tenant, run_id)
    going = not run.ended
    run.cancel()
    return json_answer({"cancelled": going}, 202)
