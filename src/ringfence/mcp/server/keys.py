"""Who asks over HTTP: always somebody with a key of the service, or the one key of this run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from ringfence.server.access import keys
from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from ringfence.mcp.server.allowances import TenantAllowances
    from ringfence.server.access.ring import KeyRing

__all__ = ["STATE", "Doorkeeper"]

STATE = "mcp_client"
"""Where a request's state says whose it is: ``TENANT:KEY_ID``."""

_TENANT = "local"


class Doorkeeper:
    """Says who asks, before a byte of a body is read.

    Args:
        ring: the service's keys; None where there is no database.
        own: a key that is kept in memory only; None for none.
        allowances: are told who a client is.
    """

    def __init__(
        self, ring: KeyRing | None, own: keys.Key | None, allowances: TenantAllowances | None
    ) -> None:
        self._ring = ring
        self._own = own
        self._allowances = allowances

    async def known(self, connection: HTTPConnection) -> str:
        """Whose request it is; it says so itself from here on.

        The SDK ties its own sessions to who made them, too.

        Raises:
            Problem: ``unauthorized``, or ``not-allowed`` where the key is not for running code.
            StoreUnavailable: nobody can say whether a key holds.
        """
        headers = connection.headers.getlist("authorization")
        client = self._of_own(headers) or await self._of_ring(headers)
        scope = connection.scope
        scope.setdefault("state", {})[STATE] = client
        token = AccessToken(token="", client_id=client, scopes=[], subject=client)
        scope["user"] = AuthenticatedUser(token)
        return client

    def _of_own(self, headers: list[str]) -> str | None:
        if self._own is None or len(headers) != 1:
            return None
        scheme, _, text = headers[0].partition(" ")
        given = keys.read(text.strip(" ")) if scheme.lower() == "bearer" else None
        if given is None or given.id != self._own.id:
            return None
        return f"{_TENANT}:{given.id}" if keys.is_digest_of(self._own.digest, given) else None

    async def _of_ring(self, headers: list[str]) -> str:
        if self._ring is None:
            raise Problem("unauthorized", "send the key that was printed when this server started")
        caller = await self._ring.caller(headers, from_here=False)
        caller.need("run")
        client = f"{caller.tenant}:{caller.key_id}"
        if self._allowances is not None:
            self._allowances.know(client, caller)
        return client
