"""Who asks, and how a route gets to know it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from ringfence.server.access.addresses import is_from_here
from ringfence.server.access.keys import Scope
from ringfence.server.access.quotas import Quotas
from ringfence.server.house import house_of
from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from ringfence.server.access.ring import KeyRing

__all__ = ["Caller", "caller_of", "caller_with"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        tenant: whose sessions it sees.
        key_id: the visible part of its key; None where there is none.
        scopes: what it may ask for.
        quotas: how much its tenant may use.
    """

    tenant: str
    key_id: str | None
    scopes: frozenset[Scope]
    quotas: Quotas

    def need(self, scope: Scope) -> None:
        """Let a caller pass that has a scope.

        Raises:
            Problem: ``not-allowed``, with the status 403.
        """
        if scope not in self.scopes:
            raise Problem(
                "not-allowed",
                f"this key has not the scope {scope!r}; the operator gives it with: ringfence keys "
                f"create {self.tenant} --scope {scope}",
                status=403,
            )


class _Bearer(HTTPBearer):
    """Says in the description that a key is needed; reads nothing."""

    async def __call__(self, request: HTTPConnection) -> None:
        """Nothing: :func:`caller_of` reads the header, of a WebSocket's request as well."""


_BEARER = _Bearer(
    scheme_name="key",
    description="An API key: `rfk_ID_SECRET`, made with `ringfence keys create`.",
    auto_error=False,
)


async def caller_of(
    request: HTTPConnection, _: Annotated[None, Security(_BEARER)] = None
) -> Caller:
    """Who asks; for routes: ``Annotated[Caller, Depends(caller_of)]``.

    A key is asked for in ``Authorization: Bearer rfk_ID_SECRET``. While no key was ever made,
    everybody on this machine is the tenant ``local``, if the settings allow it.

    Raises:
        Problem: ``unauthorized``: there is no key, or it does not hold.
        StoreUnavailable: nobody can say whether it holds.
    """
    ring = cast("KeyRing", house_of(request).keys)
    return await ring.caller(
        request.headers.getlist("authorization"), from_here=is_from_here(request)
    )


def caller_with(scope: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    """Who asks, if its key has a scope; for routes: ``Depends(caller_with("run"))``."""

    async def caller(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        caller.need(scope)
        return caller

    return caller
