"""The door: who may ask at all, how much, and what a browser may do with the answers.

It is in front of everything that parses. Who asks is known before a byte of a body is read, and has
a share of what there may be at once (:mod:`.shares`). What comes in is counted while it arrives,
chunked or not, and a body of JSON is looked over (:mod:`.json_bodies`) before anybody reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.model import array_frame
from ringfence.server.json_bodies import check_json
from ringfence.server.problems import Fault, Problem, answer_to
from ringfence.server.refusing import problem_of
from ringfence.server.shares import Shares

__all__ = ["HEADERS", "Door"]

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""On every answer: whatever a guest has written in it, it is no page."""

_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_LONGEST_QUERY = 2_000
_LONGEST_PATH = 2_000
_MOST_HOSTS = 100
_SMALL = 64 << 10  # bytes of a body that counts as none
_SHARE = 4  # of the bytes of all bodies, for one tenant
_STREAMED = frozenset({"application/octet-stream", array_frame.MEDIA_TYPE})
_WAITING_SOCKETS = 8  # WebSockets of a tenant that have no guest yet, or none any more
_LEAST_RATE = 16 << 10  # bytes a second of a body, after its first seconds
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS = frozenset({"/health", "/ready", "/metrics", "/openapi.json"})
_METHODS = "GET, POST, PUT, DELETE"
_ASKED_HEADERS = "authorization, content-type, idempotency-key, last-event-id, accept"
_TOLD_HEADERS = "x-request-id, idempotency-replayed, retry-after"


class Door:
    """Lets in what names this service, comes from nobody else's page, and is no larger or slower
    than its operator takes.

    Args:
        app: what is behind it.
        names: host names that requests may name, beside addresses and localhost.
        origins: of pages that may ask.
        request_bytes: of a body.
        body_seconds: without a byte of a body.
        bodies_bytes: of all bodies that are held at once; those beyond are refused.
        connections: at once; the requests of one tenant may have a share of them.
        guests: that are lent to one tenant over WebSockets.
        closed: why nothing is run now; None where it is.
        known: the tenant that asks; raises a Problem for whoever may not, before a body is read.
        prefix: of the variables by which an operator says names and origins.
        asked_headers: more that a page of another origin may send, in small letters.
        told_headers: more that it may read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        names: Collection[str],
        origins: Collection[str],
        request_bytes: int,
        body_seconds: float,
        bodies_bytes: int,
        connections: int,
        guests: int,
        closed: Callable[[], str | None],
        known: Callable[[HTTPConnection], Awaitable[str]],
        prefix: str = "RINGFENCE_",
        asked_headers: Collection[str] = (),
        told_headers: Collection[str] = (),
    ) -> None:
        self._app = app
        self._names = frozenset(one.lower() for one in names) | {"localhost"}
        self._origins = frozenset(one.lower() for one in origins)
        self._request_bytes = request_bytes
        self._body_seconds = body_seconds
        self._held = _Held(bodies_bytes, max(request_bytes, bodies_bytes // _SHARE))
        self._requests = Shares(connections)
        self._sockets = Shares(2 * (guests + _WAITING_SOCKETS))
        self._known = known
        self._prefix = prefix
        self._asked_headers = ", ".join((_ASKED_HEADERS, *asked_headers)).encode()
        self._told_headers = ", ".join((_TOLD_HEADERS, *told_headers)).encode()
        self._hosts: dict[str, bool] = {}
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        try:
            self._check(scope, origin)
        except Problem as problem:
            await _refuse(problem, scope, receive, send)
            return
        is_http = scope["type"] == "http"
        answered = _Answered(send, self._cors(origin)) if is_http else None
        if answered is not None and scope["method"] == "OPTIONS" and origin:
            await answered.preflight(self._asked_headers)
            return
        try:
            with contextlib.ExitStack() as holding:
                tenant = await self._tenant(scope)
                if tenant is not None:
                    holding.enter_context(_one_of(self._requests, tenant, "requests"))
                if answered is None:
                    holding.enter_context(_one_of(self._sockets, tenant or "", "WebSockets"))
                    await self._app(scope, receive, send)
                    return
                heard = _Heard(receive, self._request_bytes, self._body_seconds, self._held)
                heard.tenant = tenant or ""
                holding.callback(heard.forget)
                await self._let_in(scope, heard, answered)
        except _NotLetIn as error:
            await _refuse(error.problem, scope, receive, answered or send)

    async def _tenant(self, scope: Scope) -> str | None:
        """Whose request it is; None where anybody may ask.

        Raises:
            _NotLetIn: nobody's, or nobody can say.
        """
        if (
            scope["type"] == "http"
            and scope["method"] in _WITHOUT_BODY
            and scope["path"] in _ALWAYS
        ):
            return None
        try:
            tenant = await self._known(HTTPConnection(scope))
        except Exception as error:
            raise _NotLetIn(problem_of(error)) from error
        scope.setdefault("state", {})["tenant"] = tenant  # the connection asks whose it is, too
        return tenant

    async def _let_in(self, scope: Scope, heard: _Heard, answered: _Answered) -> None:
        try:
            told = _header(scope, b"content-length")
            if told is not None and told.isdigit() and int(told[:20]) > self._request_bytes:
                raise too_large(self._request_bytes, f"{told[:20]} bytes")
            is_read = scope["method"] not in _WITHOUT_BODY and not _is_streamed(scope)
            if is_read and not await heard.read_whole():
                return  # it hung up: there is nobody to answer
        except Problem as problem:
            await _refuse(problem, scope, heard, answered)
            return

        async def send(message: Message) -> None:
            # Who read the body may have made something else of why it was refused.
            if heard.refused is None or answered.started:
                await answered(message)

        try:
            await self._app(scope, heard, send)
        except Problem:
            if heard.refused is None:
                raise
        if heard.refused is not None and not answered.started:
            await _refuse(heard.refused, scope, heard, answered)

    # ------------------------------------------------------------------------------ who may ask

    def _check(self, scope: Scope, origin: str | None) -> None:
        if not self._is_ours(_header(scope, b"host") or ""):
            raise Problem(
                "host",
                "the host that was asked for is not this service's; an operator names it with "
                f"{self._prefix}NAMES",
            )
        if origin is not None and origin.lower() not in self._origins:
            raise Problem(
                "origin",
                "pages of this origin may not ask; an operator names it with "
                f"{self._prefix}ORIGINS",
            )
        site = _header(scope, b"sec-fetch-site")
        if origin is None and site not in (None, "none", "same-origin"):
            raise Problem("origin", "a page of another site may not ask")
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            raise Problem(
                "too-large", f"a query has at most {_LONGEST_QUERY} characters", status=414
            )
        if len(scope.get("raw_path") or b"") > _LONGEST_PATH:
            raise Problem("too-large", f"a path has at most {_LONGEST_PATH} characters", status=414)
        if "\0" in scope["path"]:
            raise Problem("malformed", "a path without NUL", status=400)
        closed = self._closed()
        if closed is not None and _runs_something(scope):
            raise Problem("unavailable", closed, retry_after=5)

    def _is_ours(self, host: str) -> bool:
        """Whether a host is this service's. The few that are asked for are remembered."""
        known = self._hosts.get(host)
        if known is None:
            known = self._names_us(host)
            if len(self._hosts) < _MOST_HOSTS:
                self._hosts[host] = known
        return known

    def _names_us(self, host: str) -> bool:
        """A name of ours, or an address: those belong to nobody who could point them elsewhere."""
        name, _, port = host.lower().rpartition(":") if _has_port(host) else (host.lower(), "", "")
        if port and not (port.isascii() and port.isdigit()):
            return False
        if name in self._names:
            return True
        bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
        try:
            return ipaddress.ip_address(bare).version == (6 if bare is not name else 4)
        except ValueError:
            return False

    def _cors(self, origin: str | None) -> list[tuple[bytes, bytes]]:
        if not self._origins:
            return []
        more = [(b"vary", b"Origin")]
        if origin is not None:
            more += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-expose-headers", self._told_headers),
            ]
        return more


class _Answered:
    """Sends with the headers that every answer has."""

    def __init__(self, send: Send, more: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._more = more
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": _with(message.get("headers", ()), self._more)}
        await self._send(message)

    async def preflight(self, asked_headers: bytes) -> None:
        """What a browser asks before it lets a page ask."""
        headers = [
            (b"access-control-allow-methods", _METHODS.encode()),
            (b"access-control-allow-headers", asked_headers),
            (b"access-control-max-age", b"600"),
        ]
        await self({"type": "http.response.start", "status": 204, "headers": headers})
        await self({"type": "http.response.body", "body": b""})


class _NotLetIn(Exception):
    """Refused here: nothing that is behind the door raises it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@contextlib.contextmanager
def _one_of(shares: Shares, tenant: str, what: str) -> Iterator[None]:
    """One more of a tenant's, for as long as the block lasts.

    Raises:
        _NotLetIn: it has its share.
    """
    one = shares.holding(tenant)
    try:
        if not one.grow(1):
            raise _NotLetIn(
                Problem(
                    "overloaded",
                    f"too many {what} at once: a tenant has a share of what there may be",
                    retry_after=1,
                )
            )
        yield
    finally:
        one.end()


class _Held:
    """How much of all large bodies is in memory: of all tenants, and of each."""

    def __init__(self, most: int, of_tenant: int) -> None:
        self._most = most
        self._of_tenant = of_tenant
        self._size = 0
        self._tenants: dict[str, int] = {}

    def take(self, tenant: str, size: int) -> None:
        """Hold so much more.

        Raises:
            Problem: ``overloaded``.
        """
        of_tenant = self._tenants.get(tenant, 0) + size
        if self._size + size > self._most or of_tenant > self._of_tenant:
            raise Problem("overloaded", "too many large requests at once", retry_after=1)
        self._size += size
        self._tenants[tenant] = of_tenant

    def give_back(self, tenant: str, size: int) -> None:
        """Hold it no more."""
        self._size -= size
        left = self._tenants.get(tenant, 0) - size
        if left > 0:
            self._tenants[tenant] = left
        else:
            self._tenants.pop(tenant, None)


class _Heard:
    """Receives a body: so many bytes, and not too slowly; of JSON all, before anybody sees it.

    Attributes:
        tenant: whose it is.
        refused: why it was not taken, if it was not.
    """

    def __init__(self, receive: Receive, most: int, seconds: float, held: _Held) -> None:
        self._receive = receive
        self._most = most
        self._seconds = seconds
        self._held = held
        self.tenant = ""
        self._got = 0
        self._taken = 0
        self._done = False
        self._began: float | None = None
        self._whole: Message | None = None
        self.refused: Problem | None = None

    async def __call__(self) -> Message:
        """The next part; what comes after the last is whether the other side hangs up.

        Raises:
            Problem: ``too-large``, ``too-slow`` or ``overloaded``.
        """
        if self._whole is not None:
            whole, self._whole = self._whole, None
            return whole
        if self._done:
            return await self._receive()
        try:
            return await self._next()
        except Problem as problem:
            self._done = True
            self.refused = problem
            raise

    async def _next(self) -> Message:
        now = time.monotonic()
        began = self._began = now if self._began is None else self._began
        # A drop now and then is no body, either: on average it has to come faster than that.
        whole = began + self._seconds + self._got / _LEAST_RATE
        try:
            async with asyncio.timeout(max(0.0, min(self._seconds, whole - now))):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                "too-slow", "the body did not arrive in time", headers={"Connection": "close"}
            ) from None
        if message["type"] != "http.request":
            self._done = True
            return message
        size = len(message.get("body", b""))
        self._got += size
        self._done = not message.get("more_body", False)
        if self._got > self._most:
            raise too_large(self._most, f"{self._got} bytes and more")
        if self._got > _SMALL:  # a small one is never refused for others' large ones
            self._held.take(self.tenant, self._got - self._taken)
            self._taken = self._got
        return message

    async def read_whole(self) -> bool:
        """Read all of it, and look it over; whether it came.

        Raises:
            Problem: it is not taken.
        """
        parts: list[bytes] = []
        while not self._done:
            message = await self()
            if message["type"] != "http.request":
                return False
            parts.append(message.get("body", b""))
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        if len(body) <= _SMALL:
            check_json(body)
        else:
            await asyncio.to_thread(check_json, body)
        self._whole = {"type": "http.request", "body": body, "more_body": False}
        return True

    def forget(self) -> None:
        """Its request is over."""
        if self._taken:
            self._held.give_back(self.tenant, self._taken)
            self._taken = 0


def too_large(most: int, got: str) -> Problem:
    """A body has more bytes than one may have."""
    expected = f"at most {most} bytes"
    return Problem(
        "too-large", f"a body has {expected} here", errors=[Fault("body", expected, got)]
    )


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    state = scope.setdefault("state", {})
    state["problem"] = problem.name
    request_id = state.get("request_id")
    if scope["type"] == "websocket":
        await _refuse_websocket(problem, request_id, scope, receive, send)
        return
    answer = answer_to(problem, request_id)
    answer.raw_headers = _with(answer.raw_headers, ())
    await answer(scope, receive, send)


async def _refuse_websocket(
    problem: Problem, request_id: str | None, scope: Scope, receive: Receive, send: Send
) -> None:
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    answer = answer_to(problem, request_id)
    await send(
        {
            "type": "websocket.http.response.start",
            "status": problem.status,
            "headers": _with(answer.raw_headers, ()),
        }
    )
    await send(
        {"type": "websocket.http.response.body", "body": bytes(answer.body), "more_body": False}
    )


def _with(
    headers: Iterable[tuple[bytes, bytes]], more: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return given + [one for one in (*_RAW_HEADERS, *more) if one[0] not in named]


def _runs_something(scope: Scope) -> bool:
    if scope["type"] == "websocket":
        return True
    path: str = scope["path"]
    return (
        scope["method"] not in _WITHOUT_BODY
        and path not in _ALWAYS
        and (not path.endswith("/cancel"))
    )


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _is_streamed(scope: Scope) -> bool:
    """Whether a body is bytes for a route that takes bytes; whatever else it says may be JSON."""
    return _header(scope, b"content-type") in _STREAMED


def _header(scope: Scope, name: bytes) -> str | None:
    """A header; None where it is missing, and empty where it is there twice: nobody who is honest
    sends two.
    """
    found = [value for key, value in scope["headers"] if key == name]
    if not found:
        return None
    return str(found[0].decode("latin-1")) if len(found) == 1 else ""
