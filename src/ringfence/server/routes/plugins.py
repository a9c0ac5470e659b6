"""Hooks of published plugins, called with JSON or with arrays as raw bytes."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from ringfence.model import array_frame
from ringfence.model.array_frame import MalformedFrame
from ringfence.model.from_json import MalformedJSON, parsed, value_from_json
from ringfence.server.access.caller import Caller, caller_with
from ringfence.server.description import documented
from ringfence.server.hook_calls import HookCall
from ringfence.server.house import House, house_of
from ringfence.server.problems import Fault, Problem
from ringfence.server.routes.asking import idempotency_key, watched
from ringfence.server.routes.execute import KEY

__all__ = ["router"]

router = APIRouter(tags=["plugins"])

_QUICK = 64 << 10
"""Bytes of a body that are read in so short a time that others may wait for it."""

_ARGUMENTS = {
    "type": "object",
    "description": "The hook's arguments by name, as values of docs/service.md.",
}
_FAILURE = {
    "type": "object",
    "required": ["kind", "reason", "field", "traceback"],
    "properties": {
        "kind": {"type": "string"},
        "reason": {"type": "string", "description": "The plugin's own text."},
        "field": {"type": "string"},
        "traceback": {"type": "string", "description": "The plugin's own text."},
    },
}
_ANSWER = {
    "type": "object",
    "required": ["ok", "value", "failures", "seconds"],
    "properties": {
        "ok": {"type": "boolean", "description": "Whether the plugin answered."},
        "value": {"description": "What it answered, checked against the spec."},
        "failures": {"type": "array", "items": _FAILURE},
        "seconds": {"type": "number"},
    },
}
_BYTES = {"type": "string", "format": "binary"}
Name = Annotated[str, Path(max_length=200)]
TheHouse = Annotated[House, Depends(house_of)]
Asking = Annotated[Caller, Depends(caller_with("run"))]
Timeout = Annotated[
    float | None,
    Query(
        ge=0.1,
        le=60,
        allow_inf_nan=False,
        description="Seconds that the hook may run, where that is less than it may anyway. Loading "
        "the plugin has five seconds of its own.",
    ),
]


@router.get("/v1/plugins")
async def plugins(house: TheHouse, _: Asking) -> dict[str, Any]:
    """What is published here, and how its hooks are called."""
    return {
        "plugins": [
            {
                "name": name,
                "version": ".".join(map(str, one.bundle.manifest.version)),
                "spec": one.host.spec.spec_name,
                "spec_version": ".".join(map(str, one.host.spec.spec_version)),
                "sha256": one.bundle.sha256,
                "hooks": [
                    {"name": hook.name, "signature": hook.signature, "doc": hook.doc}
                    for hook in one.hooks.values()
                ],
            }
            for name, one in house.plugins
        ]
    }


@router.post(
    "/v1/plugins/{plugin}/{hook}",
    responses={
        200: {
            "description": "What came of it; a plugin's failure is data.",
            "content": {
                "application/json": {"schema": _ANSWER},
                array_frame.MEDIA_TYPE: {"schema": _BYTES},
            },
        },
        **documented(
            ("malformed", 415),
            "unknown",
            "not-allowed",
            "not-enforceable",
            "interrupted",
            "key-reused",
            "quota",
            "overloaded",
            "unavailable",
        ),
    },
    response_class=Response,
    openapi_extra={
        "parameters": [KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ARGUMENTS},
                array_frame.MEDIA_TYPE: {"schema": _BYTES},
            },
        },
    },
)
async def call(
    plugin: Name,
    hook: Name,
    request: Request,
    house: TheHouse,
    caller: Asking,
    timeout_seconds: Timeout = None,
) -> Response:
    """Call a hook of a published plugin.

    The arguments are JSON, or a frame (`application/x-ringfence-frame`) with arrays as raw bytes;
    the answer is a frame where the request was one. Each call has a guest of its own. Its text and
    its failures are told to who called, and to nobody else.
    """
    found = house.plugins.get(plugin, hook)
    limit = int(found.host.limits.value)
    kind = _kind(request)
    framed = kind == array_frame.MEDIA_TYPE
    body = await request.body()

    def read() -> HookCall:
        arguments = _arguments(body, framed=framed, limit=limit)
        digest = hashlib.sha256(body).hexdigest()
        return HookCall(found, hook, arguments, framed, timeout_seconds, digest)

    asked = read() if len(body) <= _QUICK else await asyncio.to_thread(read)
    key = idempotency_key(request)
    run = house.hook_calls.call(caller, asked, key)
    state = request.scope["state"]
    state["tenant"], state["key_id"], state["run_id"] = caller.tenant, caller.key_id, run.id
    if not run.ended:
        await watched(request, run, leave=key is None)
    answer = await run.body()
    headers = {"Idempotency-Replayed": "true"} if run.replayed else None
    return Response(answer, 200, headers, media_type=kind)


def _kind(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (array_frame.MEDIA_TYPE, "application/json"):
        raise Problem(
            "malformed",
            f"send application/json or {array_frame.MEDIA_TYPE}",
            status=415,
            errors=[
                Fault(
                    "header:content-type",
                    f"application/json or {array_frame.MEDIA_TYPE}",
                    ascii(kind[:100]),
                )
            ],
        )
    return kind


def _arguments(body: bytes, *, framed: bool, limit: int) -> dict[str, Any]:
    try:
        if framed:
            given = array_frame.unpack(body, limit=limit)
        else:
            given = parsed(body, limit=2 * limit)
            if isinstance(given, dict):
                given = {
                    name: value_from_json(one, limit=limit, where=name)
                    for name, one in given.items()
                }
    except MalformedFrame as error:
        raise Problem("malformed", str(error), status=400) from None
    except MalformedJSON as error:
        raise Problem("malformed", f"the body is no JSON of arguments: {error}", status=400) from (
            None
        )
    if type(given) is not dict or not all(type(one) is str for one in given):
        raise Problem(
            "malformed",
            "the body holds the arguments by name",
            errors=[Fault("body", "an object", type(given).__name__)],
        )
    return given
