"""The keys that hold, in memory: a request costs no round trip to the database.

What is remembered is at most half a second old when it is used, so that a key that was revoked by
the command line is refused within a second; where the database cannot say, nobody is let in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ringfence.server.access import keys
from ringfence.server.access.caller import Caller
from ringfence.server.access.keys import SCOPES
from ringfence.server.access.quotas import Quotas
from ringfence.server.access.refusals import Refusals
from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from ringfence.server.store import Store, Work
    from ringfence.server.store.accounts import Allowed

__all__ = ["LOCAL", "KeyRing"]

LOCAL = "local"
"""The tenant of everybody on this machine, while there is no key."""

_FRESH = 0.5
_LONGEST = 200
_NOBODY = "0" * 64
_WRONG = (
    "the key does not hold: it is mistyped, revoked or expired; the operator makes a new one with: "
    "ringfence keys create"
)
_NEEDED = (
    "send a key, as `Authorization: Bearer rfk_ID_SECRET`; the operator makes one with: ringfence "
    "keys create"
)


class KeyRing:
    """Who may ask. Used from one event loop.

    Args:
        store: where keys and tenants are.
        quotas: of tenants that have none of their own.
        anonymous: whether everybody on this machine is let in while no key was ever made.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        store: Store,
        *,
        quotas: Quotas,
        anonymous: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._quotas = quotas
        self._anonymous = anonymous
        self._monotonic = monotonic
        self._allowed: Allowed | None = None
        self._asked = float("-inf")
        self._asking = asyncio.Lock()
        self._refusals = Refusals(store, monotonic)

    async def caller(self, headers: Sequence[str], *, from_here: bool) -> Caller:
        """Who asks.

        Args:
            headers: all that the request has of ``Authorization``.
            from_here: it was made on this machine, and through no proxy.

        Raises:
            Problem: ``unauthorized``.
            StoreUnavailable: the database cannot say.
        """
        allowed = await self._recent()
        if not headers:
            if from_here and self._anonymous and not allowed.any_key:
                return self._make(allowed, LOCAL, None, frozenset(SCOPES))
            raise Problem("unauthorized", _NEEDED)
        key = _read(headers)
        if key is None:
            self._refusals.note(None)
            raise Problem("unauthorized", _WRONG)
        live = allowed.keys.get(key.id)
        # A key that is not there takes as long as one that is.
        holds = keys.is_digest_of(_NOBODY if live is None else live.digest, key)
        if live is not None and live.expires is not None:
            holds = holds and self._store.now() < live.expires
        if live is None or not holds:
            self._refusals.note(key.id)
            raise Problem("unauthorized", _WRONG)
        return self._make(allowed, live.tenant, key.id, live.scopes)

    async def any_key(self) -> bool:
        """Whether a key was ever made: from then on nobody is let in without one.

        Raises:
            StoreUnavailable: the database cannot say.
        """
        return (await self._recent()).any_key

    def forget(self) -> None:
        """Ask the database at the next request: something was changed here."""
        self._asked = float("-inf")

    async def close(self) -> None:
        """Keep what was refused lately."""
        await self._refusals.close()

    async def _recent(self) -> Allowed:
        if self._allowed is None or self._monotonic() - self._asked > _FRESH:
            async with self._asking:  # many at once ask once
                if self._allowed is None or self._monotonic() - self._asked > _FRESH:
                    await self._ask()
        assert self._allowed is not None
        return self._allowed

    async def _ask(self) -> None:
        began = self._monotonic()
        known = None if self._allowed is None else self._allowed.version

        def ask(work: Work) -> Allowed | None:
            return work.accounts.allowed(known)

        found = await self._store.read(ask)
        self._allowed = found or self._allowed
        self._asked = began

    def _make(
        self, allowed: Allowed, tenant: str, key_id: str | None, scopes: frozenset[keys.Scope]
    ) -> Caller:
        info, usual = allowed.tenants.get(tenant), self._quotas
        quotas = usual
        if info is not None:
            quotas = Quotas(
                info.concurrent or usual.concurrent,
                info.per_minute or usual.per_minute,
                info.cpu_seconds_per_day or usual.cpu_seconds_per_day,
            )
        return Caller(tenant, key_id, scopes, quotas)


def _read(headers: Sequence[str]) -> keys.Key | None:
    """The key in the one header there is; None where that is none, or there are several."""
    if len(headers) != 1 or len(headers[0]) > _LONGEST:
        return None
    scheme, _, text = headers[0].partition(" ")
    return keys.read(text.strip(" ")) if scheme.lower() == "bearer" else None
