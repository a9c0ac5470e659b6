"""One request: who asks, what with, and how it is answered. The work is done in a thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ringfence.errors import WorkshopRefused
from ringfence.workshop.http.answers import error_answer, too_often
from ringfence.workshop.http.door import address_of
from ringfence.workshop.http.rates import RateLimiter, Rates
from ringfence.workshop.members import require
from ringfence.workshop.records import Caller, Scope
from ringfence.workshop.workshop import Workshop

__all__ = ["MOST_JSON", "Asked", "Desk"]

MOST_JSON = 16 << 10
"""Bytes of a request that is JSON."""

_PATIENCE = 60.0
"""Seconds until the whole of a request has to be here."""
_MOST_UPLOADS = 4  # at once: each is held in memory

Answer = Callable[["Asked"], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read.

    Attributes:
        workshop: of whom it is asked.
        path: the parts of the path that have names.
        query: what stands behind the question mark.
        body: what was sent.
        address: where it comes from.
        caller: who asks; None where nobody needed to know.
    """

    workshop: Workshop
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    address: str
    caller: Caller | None

    @property
    def signed_in(self) -> Caller:
        """Who asks, where somebody has to."""
        assert self.caller is not None
        return self.caller

    def fields(self, **types: type) -> dict[str, Any]:
        """The values of a JSON object, each of its type; those that are not there are left out.

        Raises:
            WorkshopRefused: it is none; a value is of another type; one has another name.
        """
        try:
            value = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            raise WorkshopRefused("malformed", "the request must be JSON, an object") from None
        if not isinstance(value, dict):
            raise WorkshopRefused("malformed", "the request must be JSON, an object")
        for name, one in value.items():
            if name not in types:
                known = ", ".join(types) or "none"
                raise WorkshopRefused(
                    "malformed", f"the request has a field {name[:40]!a}; there are: {known}"
                )
            if type(one) is not types[name]:
                raise WorkshopRefused("malformed", f"{name} must be of type {types[name].__name__}")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number from the query.

        Raises:
            WorkshopRefused: it is none.
        """
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise WorkshopRefused("malformed", f"{name} must be a whole number")
        return int(text)


class Desk:
    """Makes routes of functions: reads requests within bounds, signs in, and answers.

    Args:
        workshop: what is asked.
        rates: how often one may.
    """

    def __init__(self, workshop: Workshop, rates: Rates) -> None:
        self._workshop = workshop
        self.uploads = RateLimiter(rates.uploads)
        self.sign_ins = RateLimiter(rates.sign_ins)
        self._at_once = asyncio.Semaphore(_MOST_UPLOADS)

    def route(
        self,
        method: str,
        path: str,
        answer: Answer,
        *,
        scope: Scope | None = None,
        signed_in: bool = False,
        most: int = MOST_JSON,
    ) -> Route:
        """A route.

        Args:
            method: of HTTP.
            path: with names in braces.
            answer: gives a response, or what is answered as JSON; called in a thread.
            scope: what the caller has to be allowed.
            signed_in: whether the caller has to be known.
            most: bytes of a request's body.
        """

        async def endpoint(request: Request) -> Response:
            try:
                return await self._serve(
                    request, answer, scope, scope is not None or signed_in, most
                )
            except ClientDisconnect:
                return Response(status_code=400)  # which nobody reads
            except Exception as error:
                return error_answer(error)

        return Route(path, endpoint, methods=[method])

    async def _serve(
        self, request: Request, answer: Answer, scope: Scope | None, signed_in: bool, most: int
    ) -> Response:
        address = address_of(request.scope)
        caller = None
        if signed_in:
            seconds = self.sign_ins.wait(address)
            if seconds:
                return too_often(seconds)
            try:
                caller = await run_in_threadpool(self._sign_in, request)
            except WorkshopRefused as error:
                if error.reason == "not-signed-in":
                    self.sign_ins.take(address)
                raise
        if scope is not None:
            assert caller is not None
            require(caller, scope)
        if most > MOST_JSON:  # an upload: so many at once, and only from those who may
            assert caller is not None
            seconds = self.uploads.take(caller.account.name)
            if seconds or self._at_once.locked():
                return too_often(seconds or 5)
            async with self._at_once:
                body = await _read(request, most)
        else:
            body = await _read(request, most)
        asked = Asked(
            self._workshop,
            request.path_params,
            dict(request.query_params),
            body,
            address,
            caller,
        )
        found = await run_in_threadpool(answer, asked)
        return found if isinstance(found, Response) else JSONResponse(found)

    def _sign_in(self, request: Request) -> Caller:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise WorkshopRefused(
                "not-signed-in", "this needs a token: Authorization: Bearer TOKEN"
            )
        return self._workshop.accounts.sign_in(token.strip())


async def _read(request: Request, most: int) -> bytes:
    """A request's body.

    Raises:
        WorkshopRefused: it is too large, which is told before all of it is taken; or too slow.
    """
    too_large = WorkshopRefused("too-large", f"a request may have {most:,} bytes here")
    told = request.headers.get("content-length", "")
    if told.isdecimal() and (len(told) > 15 or int(told) > most):
        raise too_large
    taken = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                taken += piece
                if len(taken) > most:
                    raise too_large
    except TimeoutError:
        raise WorkshopRefused(
            "malformed", f"the request was not here within {_PATIENCE:g} s; send it again"
        ) from None
    return bytes(taken)
