"""The tool of a service that is known: ``python_executor``, with sessions that keep everything."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from ringfence.agent.showing import output_of
from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.routes.asking import (
    caller_who_runs,
    idempotency_key,
    json_answer,
    read_body,
    watched,
)
from ringfence.server.routes.execute import KEY
from ringfence.server.schemas import ExecuteRequest, ToolCall, ToolReply, body_of

__all__ = ["router"]

router = APIRouter(tags=["agents"])


@router.post(
    "/v1/tools/python_executor",
    responses={
        200: {"model": ToolReply, "description": "What came of it."},
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
    openapi_extra={**body_of(ToolCall), "parameters": [KEY]},
)
async def python_executor(request: Request) -> Response:
    """Run code as an agent's tool: `/v1/execute` in another form.

    `output` is what a model is usually shown. A session keeps all that can be kept, `stdin` is
    read, and `timeout_seconds` holds.
    """
    caller = await caller_who_runs(request)
    call, _ = await read_body(request, ToolCall)
    parameters = call.parameters
    asked = ExecuteRequest.model_validate(parameters.model_dump())
    key = idempotency_key(request)
    run = await house_of(request).execution.run(caller, asked, idempotency_key=key)
    request.scope["state"]["run_id"] = run.id
    if not run.ended:
        await watched(request, run, leave=key is None)
    reply = await run.reply()
    error = reply["error"]
    told = {
        "tool": "python_executor",
        "ok": reply["status"] == "ok",
        "result": reply,
        "output": output_of(reply),
        "error": None if error is None else f"{error['type']}: {error['message']}",
    }
    return json_answer(told, headers={"Idempotency-Replayed": "true"} if run.replayed else None)
