"""Connections that say nothing, too much or too slowly: they are given up, and keep nobody out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any, ClassVar, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ringfence.server.problems import PROBLEMS, Problem, ProblemName

__all__ = ["MOST_HEAD", "PromptProtocol", "protocol_of"]

MOST_HEAD = 32 << 10
"""Bytes of a request's line and headers, as they come; also of trailers."""

_MOST_HEADERS = 100
_MOST_PIPELINED = 16
_SHARE = 4  # of the connections, for WebSockets
_LINGER_SECONDS = 5.0
"""For which the rest of a body is thrown away after its answer, so that the answer arrives."""


class _Refused(Exception):
    def __init__(self, name: ProblemName, status: int, detail: str) -> None:
        super().__init__(name, detail)
        self.problem = Problem(name, detail, status=status)


class PromptProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP/1.1, which by itself waits for ever for a request that was not begun, for
    headers that do not end and for a reader that does not read, and keeps headers of any length.

    How long a body may take is decided by who reads it: the door.
    """

    most_connections: ClassVar[int] = 1_000
    send_seconds: ClassVar[float] = 30.0
    head_seconds: ClassVar[float] = 10.0
    leave_seconds: ClassVar[float] = 30.0
    most_unread: ClassVar[int] = 256 << 20
    _unread: ClassVar[set[PromptProtocol]] = set()

    _due: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _since = 0.0
    _head = 0  # bytes since the last headers, body or trailers were understood
    _in_body = False
    _half_closed = False
    _cause: _Refused | None = None
    _reader: str | None = None  # the tenant that takes nothing
    _later: tuple[RequestResponseCycle, Any] | None = None

    # ------------------------------------------------------------------------ of a transport

    def connection_made(self, transport: Any) -> None:
        """Wait for a request, for so long; and make room, or say that there is none."""
        super().connection_made(transport)
        self._expect(self.head_seconds)
        if len(self.connections) <= self.most_connections:
            return
        others = (one for one in self.connections if isinstance(one, PromptProtocol))
        yielding = [one for one in others if one is not self and one.yields]
        if not yielding:
            self._refuse(Problem("overloaded", "too many connections", retry_after=1))
            return
        # Of the address that has the most of them; those that say nothing, if there are any, before
        # those without a key, and those before the ones that have not said all.
        crowd = Counter(_address(one) for one in self.connections)
        min(
            yielding,
            key=lambda one: (
                -crowd[_address(one)],
                not one.is_silent,
                one._tenant is not None,
                one._since,
            ),
        ).give_up()

    def data_received(self, data: bytes) -> None:
        """Take bytes; where they are no whole headers, the time that they have goes on."""
        if self.transport.is_closing():
            return
        self._head += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._relax()
            if self._should_upgrade() and self._is_crowded:
                self._refuse(Problem("overloaded", "too many WebSockets", retry_after=5))
            elif self._should_upgrade():
                self.handle_websocket_upgrade()
            elif self._is_answering:
                self.cycle.keep_alive = False  # it is answered as what it is, and nothing follows
            return
        except httptools.HttpParserError:
            cause, self._cause = self._cause, None
            self._refuse(
                Problem("malformed", "this is no HTTP/1.1 request", status=400)
                if cause is None
                else cause.problem
            )
            return
        if self._head > MOST_HEAD + len(data):
            self._refuse(_too_long().problem)
        elif self.is_silent and self._due is None:
            self._expect(self.head_seconds)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The other side has nothing more to say, or is gone: nobody can tell. What it asked for is
        answered still, if that does not take too long; what it did not finish asking never will be.
        """
        self._half_closed = True
        if not self._is_answering or self._in_body:
            return None
        self._relax()
        self._due = self.loop.call_later(self.leave_seconds, self._leave)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._relax()
        self._flow_again()
        self._later = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Nobody reads: for so long, and no longer."""
        super().pause_writing()
        if self._stuck is None:
            self._stuck = self.loop.call_later(self.send_seconds, self.transport.abort)
        self._unread.add(self)
        self._reader = self._tenant
        self.loop.call_soon(self._bound_unread)

    def _bound_unread(self) -> None:
        """End the largest answers that nobody takes, until no tenant holds more of them than it
        leaves to others; one of a tenant's may be as large as what is left.
        """
        while True:
            sizes = {one: int(one.transport.get_write_buffer_size()) for one in self._unread}
            left = self.most_unread - sum(sizes.values())
            crowds: dict[str | None, list[PromptProtocol]] = {}
            for one in sizes:
                crowds.setdefault(one._reader, []).append(one)
            held = {
                who: sum(map(sizes.__getitem__, crowd))
                for who, crowd in crowds.items()
                if left < 0 or len(crowd) > 1
            }
            who = max(held, key=held.__getitem__, default=None)
            if who not in held or held[who] <= left:
                return
            largest = max(crowds[who], key=sizes.__getitem__)
            self._unread.discard(largest)
            largest.transport.abort()

    def resume_writing(self) -> None:
        """Somebody reads."""
        self._flow_again()
        super().resume_writing()
        later, self._later = self._later, None
        if later is not None:
            self._start_asgi_task(*later)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer the next request, once the answer before it is taken: it would wait in memory."""
        if self.flow.write_paused:
            self._later = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    # --------------------------------------------------------------------------- of the parser

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_body = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer: those are dropped, and counted."""
        if self._in_body:
            if self._head > MOST_HEAD:
                self._fail(_too_long())
            return
        if len(self.headers) >= _MOST_HEADERS:
            self._fail(_Refused("too-large", 431, f"at most {_MOST_HEADERS} headers"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A request is here as far as its headers."""
        self._relax()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MOST_HEAD:
            self._fail(_too_long())
        if len(self.pipeline) >= _MOST_PIPELINED:
            self._fail(_Refused("overloaded", 503, "wait for answers before asking more"))
        self._head = 0
        self._in_body = True
        self._since = time.monotonic()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is here."""
        self._head = 0
        self._in_body = False
        self._relax()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered: what is left of its body is thrown away, for a while."""
        super().on_response_complete()
        if self._half_closed:
            self._end()
        elif self._in_body:
            self._unset_keepalive_if_required()
            self._expect(_LINGER_SECONDS)
        elif self.transport.is_closing():
            self._end()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked."""
        self._end()

    # ------------------------------------------------------------------------------------ ends

    @property
    def is_silent(self) -> bool:
        """Whether no request is here as far as its headers, and none is being answered. What is
        thrown away of a body that was refused is no request.
        """
        return not self._is_answering

    @property
    def is_unfinished(self) -> bool:
        """Whether a request is here as far as its headers, and not all of its body."""
        return self._in_body and not self.cycle.response_started

    @property
    def yields(self) -> bool:
        """Whether it gives way where there is no room."""
        return self.is_silent or self.is_unfinished or self._tenant is None

    @property
    def _tenant(self) -> str | None:
        """Whose request it is, as far as the door knows yet."""
        cycle: RequestResponseCycle | None = self.cycle
        tenant = None if cycle is None else cycle.scope.get("state", {}).get("tenant")
        return tenant if isinstance(tenant, str) else None

    @property
    def _is_crowded(self) -> bool:
        """Whether WebSockets have their share of the connections: they do not give way."""
        others = sum(not isinstance(one, PromptProtocol) for one in self.connections)
        return others >= max(1, self.most_connections // _SHARE)

    @property
    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        return cycle is not None and not cycle.response_complete

    def give_up(self) -> None:
        """End it; it counts no more, also until its transport has ended."""
        self._relax()
        self.connections.discard(self)
        self._end()

    def _end(self) -> None:
        """Close it, and do not wait long for somebody to read what was answered."""
        self.transport.close()
        if self._stuck is None:
            self._stuck = self.loop.call_later(self.send_seconds, self.transport.abort)

    def _leave(self) -> None:
        """Nobody waits for this answer any more."""
        self._due = None
        if self._is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.give_up()

    def _refuse(self, problem: Problem) -> None:
        """Answer what is no request that the door could look at."""
        cycle = self.cycle if self._is_answering else None
        is_begun = cycle is not None and (cycle.response_started or not self._in_body)
        if not is_begun and not self.pipeline and not self.transport.is_closing():
            self.transport.write(_raw_answer(problem))
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.give_up()

    def _fail(self, cause: _Refused) -> None:
        self._cause = cause
        raise cause

    def _expect(self, seconds: float) -> None:
        self._relax()
        self._since = time.monotonic()
        self._due = self.loop.call_later(seconds, self.give_up)

    def _relax(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _flow_again(self) -> None:
        self._unread.discard(self)
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None


def protocol_of(
    *,
    connections: int,
    head_seconds: float,
    send_seconds: float,
    leave_seconds: float,
    unread_bytes: int,
) -> type[asyncio.Protocol]:
    """The protocol with these bounds.

    Args:
        connections: how many at once; with more, one that waits for a request, has no key or has
            not said all gives way, of the address that has most; where there is none the new one.
        head_seconds: until a request's headers have to be here, from when it was connected or
            began.
        leave_seconds: for which an answer is worked on whose reader may be gone.
        send_seconds: for which nobody may take what is sent.
        unread_bytes: of all answers that nobody takes; beyond it the largest is given up.
    """
    made = type(
        "BoundedPromptProtocol",
        (PromptProtocol,),
        {
            "most_connections": connections,
            "head_seconds": head_seconds,
            "leave_seconds": leave_seconds,
            "most_unread": unread_bytes,
            "_unread": set(),
            "send_seconds": send_seconds,
        },
    )
    return cast("type[asyncio.Protocol]", made)


def _address(connection: Any) -> str:
    """Where a connection comes from, also a WebSocket's."""
    client = getattr(connection, "client", None)
    return str(client[0]) if client else ""


def _too_long() -> _Refused:
    return _Refused(
        "too-large", 431, f"a request's line and headers have at most {MOST_HEAD} bytes"
    )


def _raw_answer(problem: Problem) -> bytes:
    from ringfence.server.answer_headers import HEADERS
    from ringfence.server.problems import answer_to

    answer = answer_to(problem)
    reason = PROBLEMS[problem.name].title
    lines = [f"HTTP/1.1 {problem.status} {reason}".encode()]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    lines += [f"{name}: {value}".encode() for name, value in HEADERS.items()]
    lines += [b"connection: close", b"", bytes(answer.body)]
    return b"\r\n".join(lines)
