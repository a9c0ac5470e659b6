"""The workshop as an ASGI application: JSON for programs, and no page."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from ringfence.workshop.http import accounts, plugins, signed, submissions
from ringfence.workshop.http.answers import refusal
from ringfence.workshop.http.asking import Asked, Desk
from ringfence.workshop.http.door import Door
from ringfence.workshop.http.rates import Rates
from ringfence.workshop.workshop import Workshop

__all__ = ["application"]


def application(
    workshop: Workshop,
    *,
    hosts: Collection[str] | None,
    proxy: str | None = None,
    rates: Rates | None = None,
) -> ASGIApp:
    """A workshop over HTTP, to serve or to mount in another application.

    It processes nothing by itself: a :class:`ringfence.workshop.Worker` does, beside it.

    Args:
        workshop: what is served.
        hosts: the hosts, with ports, that requests may name; None where the application that it is
            mounted in has checked that.
        proxy: the address of the proxy that ends TLS, if there is one: every request has to come
            through it.
        rates: how often one may ask.
    """
    rates = Rates() if rates is None else rates
    desk = Desk(workshop, rates)
    inner = Starlette(
        routes=[
            desk.route("GET", "/v1", _about),
            *accounts.routes(desk),
            *submissions.routes(desk),
            *plugins.routes(desk),
            *signed.routes(desk),
        ],
        exception_handlers={HTTPException: _not_here},
    )
    inner.router.redirect_slashes = False
    return Door(inner, hosts=hosts, proxy=proxy, rates=rates)


def _about(asked: Asked) -> Any:
    return {
        "service": "ringfence-workshop",
        "register": asked.workshop.rules.register,
        "specs": asked.workshop.submissions.specs(),
    }


async def _not_here(_: Request, error: Exception) -> Response:
    """A path or a method that there is not."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return refusal(405, "malformed", "this method is none that can be used here")
    return refusal(error.status_code, "unknown", "there is nothing here; GET /v1 says what this is")
