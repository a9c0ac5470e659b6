"""The door: who may ask at all, how much, and what a browser may do with the answers.

It is in front of everything that parses. Who asks is known before a byte of a body is read, and has
a share of what there may be at once (:mod:`.shares`). A body is counted while it arrives
(:mod:`.bodies`), and one of JSON is looked over (:mod:`.json_bodies`) before anybody reads it.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Collection, Iterator

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.model import array_frame
from ringfence.server.answer_headers import ASKED, TOLD, Answered, cors, with_headers
from ringfence.server.bodies import Heard, Held, too_large
from ringfence.server.problems import Problem, answer_to
from ringfence.server.refusing import problem_of
from ringfence.server.shares import Shares

__all__ = ["Door"]

_LONGEST_QUERY = 2_000
_LONGEST_PATH = 2_000
_MOST_HOSTS = 100
_STREAMED = frozenset({"application/octet-stream", array_frame.MEDIA_TYPE})
_WAITING_SOCKETS = 8  # WebSockets of a tenant that have no guest yet, or none any more
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS = frozenset({"/health", "/ready", "/metrics", "/openapi.json"})


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
        self._held = Held(bodies_bytes, request_bytes)
        self._requests = Shares(connections)
        self._sockets = Shares(2 * (guests + _WAITING_SOCKETS))
        self._known = known
        self._prefix = prefix
        self._asked_headers = ", ".join((ASKED, *asked_headers)).encode()
        self._told_headers = ", ".join((TOLD, *told_headers)).encode()
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
        answered = (
            Answered(send, cors(self._origins, origin, self._told_headers)) if is_http else None
        )
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
                heard = Heard(receive, self._request_bytes, self._body_seconds, self._held)
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

    async def _let_in(self, scope: Scope, heard: Heard, answered: Answered) -> None:
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


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    state = scope.setdefault("state", {})
    state["problem"] = problem.name
    request_id = state.get("request_id")
    if scope["type"] == "websocket":
        await _refuse_websocket(problem, request_id, scope, receive, send)
        return
    answer = answer_to(problem, request_id)
    answer.raw_headers = with_headers(answer.raw_headers, ())
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
            "headers": with_headers(answer.raw_headers, ()),
        }
    )
    await send(
        {"type": "websocket.http.response.body", "body": bytes(answer.body), "more_body": False}
    )


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
