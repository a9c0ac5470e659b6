"""How many guests are lent, to whom, and what is written down about each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket

from ringfence.errors import StoreUnavailable
from ringfence.server.access.caller import Caller, caller_of
from ringfence.server.access.quotas import Lease
from ringfence.server.guests.lending import Lending
from ringfence.server.guests.offer import Offer
from ringfence.server.house import House
from ringfence.server.problems import Fault, Problem

if TYPE_CHECKING:
    from ringfence.server.store import Work

__all__ = ["Lodge"]

_WAIT = 1.0
_MADE_AT_ONCE = 2
_MOST_OF_ONE = 16
"""Connections of one tenant that have no guest yet, or never will."""


class Lodge:
    """The lent guests of one server.

    Args:
        house: the server.

    Attributes:
        lent: how many there are.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._offers: dict[str, Offer] = {}
        self.lent = 0
        self._of: Counter[str] = Counter()
        self._here: Counter[str] = Counter()
        self._making = asyncio.Semaphore(_MADE_AT_ONCE)

    def close(self) -> None:
        """Let go of what guests started from."""
        for offer in self._offers.values():
            offer.close()
        self._offers.clear()

    @contextlib.asynccontextmanager
    async def admit(self, socket: WebSocket, engine: str | None) -> AsyncIterator[Lending]:
        """Let a client in, for as long as the block lasts.

        Raises:
            Problem: ``unauthorized`` or ``not-allowed``.
            StoreUnavailable: the database cannot say who asks.
        """
        caller = await caller_of(socket)
        caller.need("run")
        state = socket.scope["state"]
        state["tenant"], state["key_id"] = caller.tenant, caller.key_id
        offer = self._offer(engine)
        if self._here[caller.tenant] >= _MOST_OF_ONE + self._house.settings.guests_per_tenant:
            raise Problem(
                "overloaded", "too many connections of one tenant for guests", retry_after=_WAIT
            )
        stay = _Stay(self._house, self, caller, socket)
        lending = Lending(socket, offer, self._house.settings, stay)
        self._here[caller.tenant] += 1
        try:
            yield lending
        finally:
            self._here[caller.tenant] -= 1
            stay.end(lending)
            if lending.began:
                await self._write_down(caller, lending)

    def _begin(self, caller: Caller) -> Lease:
        """A guest of this caller's is about to be started.

        Raises:
            Problem: ``unavailable``, ``overloaded`` or ``quota``.
        """
        house = self._house
        closed = house.closed()
        if closed is not None:
            raise Problem("unavailable", closed, retry_after=_WAIT)
        if self.lent >= house.settings.guests:
            raise Problem(
                "overloaded",
                f"all {house.settings.guests} guests that this service lends are taken",
                retry_after=_WAIT,
            )
        most = house.settings.guests_per_tenant
        if self._of[caller.tenant] >= most:
            raise Problem(
                "quota", f"one tenant has at most {most} lent guests at once", retry_after=_WAIT
            )
        lease: Lease = house.quotas.begin(caller)
        self.lent += 1
        self._of[caller.tenant] += 1
        return lease

    def _end(self, caller: Caller) -> None:
        """A guest of this caller's has ended."""
        self.lent -= 1
        self._of[caller.tenant] -= 1

    def _offer(self, engine: str | None) -> Offer:
        settings = self._house.settings
        name = engine or settings.engine
        allowed = {settings.engine, *settings.engines}
        if name not in allowed:
            expected = f"one of {', '.join(sorted(allowed))}"
            raise Problem(
                "not-allowed",
                f"engine: asked for {name[:60]!r}; the operator of this service allows {expected}",
                errors=[Fault("query:engine", expected, repr(name[:60]))],
            )
        if name not in self._offers:
            self._offers[name] = Offer(settings, name)
        return self._offers[name]

    async def _write_down(self, caller: Caller, lending: Lending) -> None:
        """Who had a guest, for how long, and how it ended; its code and data never come here."""
        details = {
            "ended": lending.ended,
            "cpu_seconds": round(lending.cpu, 3),
            "seconds": round(lending.seconds, 3),
            "wish": lending.wish,
        }

        def write(work: Work) -> None:
            work.usage.add(caller.tenant, cpu_seconds=lending.cpu, runs=1)
            work.audit.append("guest", caller.tenant, caller.key_id, details)

        await self._house.store.write(write)


class _Stay:
    """One client's: what it counts against."""

    def __init__(self, house: House, lodge: Lodge, caller: Caller, socket: WebSocket) -> None:
        self._house, self._lodge, self._caller, self._socket = house, lodge, caller, socket
        self._lease: Lease | None = None
        self._memory = house.memory.holding(caller.tenant, lasting=True)

    @contextlib.asynccontextmanager
    async def opening(self) -> AsyncIterator[None]:
        """Few images are made at once, and asking for one counts as a run that was begun."""
        with self._house.quotas.begin(self._caller):
            async with self._lodge._making:
                yield

    async def begin(self, memory: int) -> float:
        """A guest is about to be started; how many CPU seconds its tenant has left."""
        if self._lease is None:
            self._lease = self._lodge._begin(self._caller)
        await self._house.admission.room(self._memory, memory)
        return self._lease.cpu_seconds_left

    def failed(self, engine: str, reason: str) -> None:
        """No guest could be started."""
        self._house.metrics.start_failed(engine, reason)

    def denied(self, problem: Problem) -> None:
        """It was refused what it asked for."""
        self._house.quotas.denied(self._caller, problem)

    async def barred(self) -> str | None:
        """Whether the key still holds."""
        try:
            (await caller_of(self._socket)).need("run")
        except Problem:
            return "its client's key does not hold any more"
        except StoreUnavailable:
            pass  # nobody can say; nothing new is let in meanwhile
        return None

    def end(self, lending: Lending) -> None:
        """The guest has ended, if there was one."""
        self._memory.end()
        if self._lease is not None:
            self._lease.end(lending.cpu)
            self._lodge._end(self._caller)
