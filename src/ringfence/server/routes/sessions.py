"""Sessions: made, listed, run in, saved, copied, and deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.problems import Problem
from ringfence.server.routes.asking import (
    answer,
    bytes_answer,
    caller_who_runs,
    idempotency_key,
    json_answer,
    read_body,
    wants_events,
)
from ringfence.server.routes.execute import EVENTS, KEY
from ringfence.server.schemas import (
    SESSION_ID,
    CallRequest,
    Cancelled,
    Durability,
    ForkedSession,
    ForkRequest,
    NewSession,
    Reply,
    RollbackRequest,
    SessionInfo,
    SessionList,
    SessionTurn,
    SnapshotInfo,
    VariableInfo,
    body_of,
    read_files,
)

__all__ = ["SessionId", "router"]

router = APIRouter(tags=["sessions"], prefix="/v1/sessions")

SessionId = Annotated[str, Path(pattern=SESSION_ID)]
_NewId = Annotated[str | None, Query(pattern=SESSION_ID)]
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_RUN: Any = {
    "responses": {
        200: {"model": Reply, "description": "What came of it.", "content": EVENTS},
        **documented(
            "not-allowed",
            "unknown",
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
    "response_class": Response,
}


def _answers(status: int, model: Any, *problems: Any) -> Any:
    described = {"model": model, "description": "Done."}
    return {
        "status_code": status,
        "responses": {status: described, **documented(*problems)},
        "response_class": Response,
    }


@router.post(
    "",
    **_answers(201, SessionInfo, "exists", "not-allowed", "quota", "overloaded", "busy"),
    openapi_extra=body_of(NewSession),
)
async def create(request: Request) -> Response:
    """Make a session. Its guest starts with its first turn."""
    caller, house = await caller_who_runs(request), house_of(request)
    asked, _ = await read_body(request, NewSession)
    recipe = house.fleet.recipe(asked.engine, asked.packages, asked.limits)
    files: dict[str, bytes] = {}
    if asked.files:
        files = await asyncio.to_thread(read_files, asked.files, recipe.limits)
    told = await house.operations.create(
        caller,
        asked.session_id,
        recipe,
        asked.durability or "per-turn",
        files,
    )
    return json_answer(told, 201)


@router.get("", **_answers(200, SessionList))
async def page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """Sessions, in the order of their ids."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).operations.page(caller, limit, after))


@router.post(
    "/restore",
    **_answers(201, SessionInfo, "exists", "not-allowed", "quota", "overloaded", "busy"),
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def restore(
    request: Request,
    session_id: _NewId = None,
    engine: Annotated[str | None, Query(max_length=100)] = None,
    durability: Durability = "per-turn",
) -> Response:
    """Make a session from a state that `GET …/state` gave, under any id that is free."""
    caller, house = await caller_who_runs(request), house_of(request)
    recipe = house.fleet.recipe(engine)
    body = await request.body()
    told = await house.operations.restore(caller, session_id, recipe, durability, body)
    return json_answer(told, 201)


@router.get("/{session_id}", **_answers(200, SessionInfo, "unknown"))
async def get(session_id: SessionId, request: Request) -> Response:
    """A session."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).operations.get(caller, session_id))


@router.delete(
    "/{session_id}",
    status_code=204,
    responses=documented("unknown", "busy"),
    response_class=Response,
)
async def delete(session_id: SessionId, request: Request) -> Response:
    """Remove a session and all that is kept of it. A turn that runs in it is cancelled."""
    caller = await caller_who_runs(request)
    await house_of(request).operations.delete(caller, session_id)
    return Response(status_code=204)


@router.post(
    "/{session_id}/execute",
    **_RUN,
    openapi_extra={**body_of(SessionTurn), "parameters": [KEY]},
)
async def execute(session_id: SessionId, request: Request) -> Response:
    """Run code in a session that is there."""
    return await _run(session_id, request, SessionTurn)


@router.post(
    "/{session_id}/call",
    **_RUN,
    openapi_extra={**body_of(CallRequest), "parameters": [KEY]},
)
async def call(session_id: SessionId, request: Request) -> Response:
    """Call a function of a session's program: values in, a value out."""
    return await _run(session_id, request, CallRequest)


async def _run(session_id: str, request: Request, kind: Any) -> Response:
    caller = await caller_who_runs(request)
    asked, size = await read_body(request, kind)
    key = idempotency_key(request)
    run = await house_of(request).execution.run(
        caller,
        asked,
        idempotency_key=key,
        session_id=session_id,
        recording=wants_events(request),
        size=size,
    )
    return await answer(request, run, keyed=key is not None)


@router.post("/{session_id}/cancel", **_answers(202, Cancelled, "unknown"))
async def cancel(session_id: SessionId, request: Request) -> Response:
    """End the turn that runs in a session; those that wait come next."""
    caller, house = await caller_who_runs(request), house_of(request)
    cancelled = house.sessions.cancel(caller.tenant, session_id)
    if not cancelled:
        await house.operations.get(caller, session_id)
    return json_answer({"cancelled": cancelled}, 202)


@router.get(
    "/{session_id}/variables",
    **_answers(
        200, dict[str, VariableInfo], "unknown", "busy", "quota", "overloaded", "lost",
        "not-enforceable",
    ),
)  # fmt: skip
async def variables(session_id: SessionId, request: Request) -> Response:
    """What a session's program has defined, as its guest describes it."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).operations.variables(caller, session_id))


@router.post(
    "/{session_id}/save",
    **_answers(
        200, SessionInfo, "unknown", "busy", "not-allowed", "quota", "overloaded", "lost",
        "not-enforceable",
    ),
)  # fmt: skip
async def save(session_id: SessionId, request: Request) -> Response:
    """Save a session now."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).operations.save(caller, session_id))


@router.post(
    "/{session_id}/put-aside",
    **_answers(
        200, SessionInfo, "unknown", "busy", "not-allowed", "quota", "overloaded", "lost",
        "not-enforceable",
    ),
)  # fmt: skip
async def put_aside(session_id: SessionId, request: Request) -> Response:
    """Save a session and end its guest; the next turn brings it back."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).operations.put_aside(caller, session_id))


@router.get(
    "/{session_id}/state",
    responses={
        200: {"description": "The saved variables and files.", "content": _BYTES},
        **documented("unknown", "busy", "quota", "overloaded", "lost", "not-enforceable"),
    },
    response_class=Response,
)
async def state(session_id: SessionId, request: Request) -> Response:
    """The variables and files of a session, sealed, for `POST /v1/sessions/restore`."""
    caller = await caller_who_runs(request)
    content = await house_of(request).operations.state(caller, session_id)
    return bytes_answer(content, f"{session_id}.rfstate")


@router.post(
    "/{session_id}/fork",
    **_answers(
        201, ForkedSession, "unknown", "exists", "busy", "quota", "overloaded", "lost",
        "not-enforceable",
    ),
    openapi_extra=body_of(ForkRequest),
)  # fmt: skip
async def fork(session_id: SessionId, request: Request) -> Response:
    """Make a second session that goes on where this one is: exactly, where the engine can, or else
    with its variables and files.
    """
    caller = await caller_who_runs(request)
    asked, _ = await read_body(request, ForkRequest)
    told = await house_of(request).copies.fork(caller, session_id, asked.session_id)
    return json_answer(told, 201)


@router.post(
    "/{session_id}/snapshot",
    **_answers(
        201, SnapshotInfo, "unknown", "busy", "quota", "overloaded", "lost", "not-enforceable"
    ),
)
async def snapshot(session_id: SessionId, request: Request) -> Response:
    """Keep a session exactly as it is, where its engine can. The newest 16 are kept."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).copies.snapshot(caller, session_id), 201)


@router.post(
    "/{session_id}/rollback",
    **_answers(
        200, SessionInfo, "unknown", "busy", "quota", "overloaded", "lost", "not-enforceable"
    ),
    openapi_extra=body_of(RollbackRequest),
)
async def rollback(session_id: SessionId, request: Request) -> Response:
    """Take a session back to a snapshot, the newest one if none is named."""
    caller = await caller_who_runs(request)
    asked, _ = await read_body(request, RollbackRequest)
    if asked.snapshot_id is not None and len(asked.snapshot_id) > 100:
        raise Problem("unknown", "there is no snapshot of this id in this session")
    told = await house_of(request).copies.rollback(caller, session_id, asked.snapshot_id)
    return json_answer(told)
