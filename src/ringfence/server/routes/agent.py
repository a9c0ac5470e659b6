"""Tasks for agents: code that runs, or words that a language model turns into runs."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ringfence.agent.task import Ran, Step, Task
from ringfence.model.as_json import packed
from ringfence.server.agents import Worked
from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.refusing import problem_of
from ringfence.server.routes.asking import (
    caller_who_runs,
    idempotency_key,
    read_body,
    wants_events,
)
from ringfence.server.routes.execute import KEY
from ringfence.server.runs import as_bytes
from ringfence.server.schemas import AgentAnswer, AgentQuery, body_of

__all__ = ["router"]

router = APIRouter(tags=["agents"])

_PING_SECONDS = 15.0
_PING = b": ping\n\n"
_BEGINNING = 1.0
"""Seconds that a stream waits: a task that is refused before then has a status of its own."""

_EVENTS = {
    "text/event-stream": {
        "schema": {
            "type": "string",
            "description": "Events `step` (a step; one that ran code has `reply` as well), and at "
            "the end `answer` or `problem`.",
        }
    }
}


@router.post(
    "/agent/query",
    responses={
        200: {"model": AgentAnswer, "description": "What came of it.", "content": _EVENTS},
        **documented(
            "not-allowed",
            "busy",
            "interrupted",
            "key-reused",
            "quota",
            "overloaded",
            "unavailable",
            "not-enforceable",
            "no-model",
            "model-failed",
            "lost",
        ),
    },
    response_class=Response,
    openapi_extra={**body_of(AgentQuery), "parameters": [KEY]},
)
async def query(request: Request) -> Response:
    """Work on a task.

    `Execute Python: CODE` (a fence will do as well) is run as it is. Anything else goes to the
    language model that the operator has configured; it writes code, runs it, reads errors, and
    answers, within the operator's bounds. If the connection is reset, the task ends.
    """
    caller = await caller_who_runs(request)
    asked, _ = await read_body(request, AgentQuery)
    house = house_of(request)
    task = Task(
        query=asked.query,
        mode=asked.mode,
        session_id=asked.session_id,
        stdin=asked.stdin,
        timeout_seconds=asked.timeout_seconds or house.settings.default_timeout,
    )
    key = idempotency_key(request)
    steps: asyncio.Queue[Step | None] = asyncio.Queue()
    working: asyncio.Task[Worked] = asyncio.create_task(
        house.agents.work(caller, task, idempotency_key=key, told=steps.put_nowait)
    )
    working.add_done_callback(lambda _: steps.put_nowait(None))
    if wants_events(request):
        return await _streamed(working, steps)
    await _until_left(working, request.receive)
    worked = await working
    headers = {"Idempotency-Replayed": "true"} if worked.replayed else None
    body = await asyncio.to_thread(packed, worked.answer)  # of many results, which may be large
    return Response(body, headers=headers, media_type="application/json")


async def _streamed(working: asyncio.Task[Worked], steps: asyncio.Queue[Step | None]) -> Response:
    """The stream of a task, or what refuses it at once."""
    try:
        await asyncio.wait([working], timeout=_BEGINNING)
    except asyncio.CancelledError:
        await _end(working)
        raise
    if working.done():
        working.result()
    return _TaskStream(working, steps)


async def _until_left(working: asyncio.Task[Worked], receive: Receive) -> None:
    """Wait until the task has ended, or its client has gone: then it is ended."""
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        if not working.done():
            await _end(working)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(working: asyncio.Task[Worked]) -> None:
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


class _TaskStream(Response):
    """The steps of a task as they are done, and its end (Server-Sent Events)."""

    media_type = "text/event-stream"

    def __init__(self, working: asyncio.Task[Worked], steps: asyncio.Queue[Step | None]) -> None:
        super().__init__(b"")
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"
        self._working, self._steps = working, steps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the task has ended or the client has gone."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for one in (sending, leaving):
                one.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await _end(self._working)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        while True:
            try:
                async with asyncio.timeout(_PING_SECONDS):
                    step = await self._steps.get()
            except TimeoutError:
                await send({"type": "http.response.body", "body": _PING, "more_body": True})
                continue
            if step is None:
                break
            await _send_event(send, "step", _told(step))
        try:
            await _send_event(send, "answer", self._working.result().answer)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a task raises what a run does: that is what problems are for
            await _send_event(send, "problem", problem_of(error).as_json())
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _told(step: Step) -> dict[str, Any]:
    told = step.as_json()
    return {**told, "reply": dict(step.reply)} if isinstance(step, Ran) else told


async def _send_event(send: Send, name: str, data: dict[str, Any]) -> None:
    told = await asyncio.to_thread(as_bytes, data)
    body = b"".join([f"event: {name}\ndata: ".encode("ascii"), told, b"\n\n"])
    await send({"type": "http.response.body", "body": body, "more_body": True})
