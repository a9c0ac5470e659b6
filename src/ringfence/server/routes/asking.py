"""What routes have in common: who asks, in which form the answer is wanted, and how it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ringfence.model.as_json import packed
from ringfence.server.access.caller import Caller, caller_of
from ringfence.server.json_bodies import check_json
from ringfence.server.problems import Problem
from ringfence.server.runs import Event, Run
from ringfence.server.schemas import read

__all__ = [
    "EventStream",
    "answer",
    "bytes_answer",
    "caller_who_runs",
    "idempotency_key",
    "json_answer",
    "last_event",
    "read_body",
    "wants_events",
    "watched",
]

_PING_SECONDS = 15.0
_LARGE_EVENT = 64 << 10
_PING = b": ping\n\n"
_NOTICING = 0.25
"""Seconds after which a run's client is watched: nearly all runs have ended then."""

_QUICK = 16 << 10
"""Bytes of a body that are read in so short a time that others may wait for it."""

M = TypeVar("M", bound=BaseModel)

_BEGINNING = 1.0
"""Seconds for which an event stream waits for its run to begin: what is refused before then has a
status of its own."""


async def caller_who_runs(request: Request) -> Caller:
    """Who asks, and may run code.

    Raises:
        Problem: ``unauthorized``, or ``not-allowed``.
    """
    caller = await caller_of(request)
    caller.need("run")
    state = request.scope["state"]
    state["tenant"], state["key_id"] = caller.tenant, caller.key_id
    return caller


async def read_body(request: Request, model: type[M]) -> tuple[M, int]:
    """A request from its body, and how many bytes that has.

    Raises:
        Problem: ``malformed``.
    """
    body = await request.body()
    if len(body) <= _QUICK:
        return _checked(model, body), len(body)
    return await asyncio.to_thread(_checked, model, body), len(body)


def _checked(model: type[M], body: bytes) -> M:
    check_json(body)  # the door did so for what says that it is JSON, or does not say what it is
    return read(model, body)


def wants_events(request: Request) -> bool:
    """Whether an event stream is asked for."""
    return "text/event-stream" in request.headers.get("accept", "")


def idempotency_key(request: Request) -> str | None:
    """The key of a request; None without one."""
    return request.headers.get("idempotency-key")


def last_event(request: Request, run_id: str) -> int:
    """After which event a reader goes on: ``Last-Event-ID``, or ``after``.

    Raises:
        Problem: ``malformed``.
    """
    text = request.headers.get("last-event-id")
    if text is None:
        text = request.query_params.get("after", "0")
    else:
        of, _, text = text.rpartition(".")
        if of != run_id:
            raise Problem("malformed", "Last-Event-ID: it is of another run")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem("malformed", "an event's number is a whole number, from 0")
    return int(text)


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of JSON."""
    return Response(packed(data), status, headers, media_type="application/json")


def bytes_answer(content: bytes, name: str) -> Response:
    """A download: whatever is in it, no browser shows it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, media_type="application/octet-stream")


async def answer(request: Request, run: Run, *, keyed: bool) -> Response:
    """The reply of a run, or its events, as it is asked for.

    Raises:
        Problem: the run has none.
    """
    request.scope["state"]["run_id"] = run.id
    if wants_events(request):
        await run.begun(_BEGINNING)
        return EventStream(run, 0)
    if not run.ended:
        await watched(request, run, leave=not keyed)
    body = await run.body()
    headers = {"Idempotency-Replayed": "true"} if run.replayed else None
    return Response(body, 200, headers, media_type="application/json")


async def watched(request: Request, run: Run, *, leave: bool) -> None:
    """Wait for a run's end. If its client goes, it is cancelled: nobody can ask for its reply.
    Where there is a key, somebody can.
    """
    waiting = asyncio.ensure_future(run.wait())
    try:
        done, _ = await asyncio.wait([waiting], timeout=_NOTICING)
        if done:
            return
        leaving = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait([waiting, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done() and leave:
                run.cancel()
            await waiting
        finally:
            leaving.cancel()
    finally:
        waiting.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """The events of a run, as they come (Server-Sent Events).

    Args:
        run: which.
        after: the number of the last event that the reader has.
    """

    media_type = "text/event-stream"

    def __init__(self, run: Run, after: int) -> None:
        super().__init__(b"")
        del self.headers["content-length"]
        self.headers["x-accel-buffering"] = "no"
        if run.replayed:
            self.headers["idempotency-replayed"] = "true"
        self._run, self._after = run, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the run has ended or the client has gone."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        run = self._run
        batches = run.batches(self._after)
        coming: asyncio.Future[list[Event]] | None = None
        try:
            while True:
                if coming is None:
                    coming = asyncio.ensure_future(anext(batches))
                done, _ = await asyncio.wait([coming], timeout=_PING_SECONDS)
                if not done:
                    await send({"type": "http.response.body", "body": _PING, "more_body": True})
                    continue
                try:
                    batch = coming.result()
                except StopAsyncIteration:
                    break
                coming = None
                for body in self._texts(batch):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await batches.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _texts(self, batch: list[Event]) -> Iterator[bytes]:
        """Events as text: small ones together, and large ones without a copy of them."""
        small: list[bytes] = []
        for event in batch:
            head = f"id: {self._run.id}.{event.number}\nevent: {event.kind}\ndata: "
            small.append(head.encode("ascii"))
            if len(event.data) > _LARGE_EVENT:
                yield b"".join(small)
                yield event.data
                small = []
            else:
                small.append(event.data)
            small.append(b"\n\n")
        yield b"".join(small)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
