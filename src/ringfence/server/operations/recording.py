"""Each request has an id, a line in the log, and its place in the metrics and the traces."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.server.operations.logs import Log
from ringfence.server.operations.metrics import Metrics
from ringfence.server.operations.tracing import Span, Tracing
from ringfence.server.problems import answer_to
from ringfence.server.refusing import problem_of

__all__ = ["Recorded"]

_UNROUTED = "(none)"
_QUIET = frozenset({"/health", "/ready", "/metrics"})


class Recorded:
    """The outermost layer: what goes wrong below it is an answer and a line in the log.

    Args:
        app: what is recorded.
        metrics: counts.
        log: has a line for each request.
        tracing: has a span for each.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log, tracing: Tracing) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        method = str(scope.get("method", "WEBSOCKET"))
        answer = _Answer(send, request_id)
        began = time.monotonic()
        headers = {
            key.decode("latin-1"): value.decode("latin-1")
            for key, value in scope["headers"]
            if key in (b"traceparent", b"tracestate")
        }
        with self._tracing.request(method, headers) as span:
            try:
                await self._app(scope, receive, answer)
            except ClientDisconnect:
                pass  # whoever asked has gone, and reads no answer
            except Exception as error:  # whatever it is: the other side is told, and we are
                await self._failed(error, scope, receive, answer, request_id)
                span.failed()
            finally:
                self._record(scope, method, answer, time.monotonic() - began, span)

    async def _failed(
        self, error: Exception, scope: Scope, receive: Receive, answer: _Answer, request_id: str
    ) -> None:
        problem = problem_of(error)
        if problem.name == "internal":
            self._log.fault("fault", error, request_id=request_id, route=_route(scope))
        if answer.status is None and scope["type"] == "http":
            await answer_to(problem, request_id)(scope, receive, answer)
        elif answer.status is None:
            await answer({"type": "websocket.close", "code": 1011})

    def _record(
        self, scope: Scope, method: str, answer: _Answer, seconds: float, span: Span
    ) -> None:
        route = _route(scope)
        status = 0 if answer.status is None else answer.status
        self._metrics.answered(route, status, seconds)
        state: dict[str, Any] = scope["state"]
        facts = {key: state[key] for key in ("tenant", "run_id") if isinstance(state.get(key), str)}
        span.set(http_route=route, http_status=status, request_id=state["request_id"], **facts)
        quiet = route in _QUIET and status < 400
        self._log.event(
            "request",
            level=logging.DEBUG if quiet else logging.INFO,
            request_id=state["request_id"],
            method=method,
            route=route,
            status=status,
            seconds=round(seconds, 6),
            sent=answer.size,
            client=(scope.get("client") or (None,))[0],
            tenant=state.get("tenant"),
            key_id=state.get("key_id"),
            run_id=state.get("run_id"),
            problem=state.get("problem"),
        )


class _Answer:
    """Sends with the request's id, and remembers how it was answered."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = (b"x-request-id", request_id.encode())
        self.status: int | None = None
        self.size = 0

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
            self.status = int(message.get("status", 101))
            message = {**message, "headers": [*message.get("headers", ()), self._id]}
        elif kind == "websocket.close" and self.status is None:
            self.status = 403
        elif kind == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def _route(scope: Scope) -> str:
    """The pattern of the path: a path holds ids of clients, and would be a series for each."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) and path else _UNROUTED
