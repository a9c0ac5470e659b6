"""The sessions of all clients: each client knows its own, and can tell nothing of others'."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.mcp.server.guests import Guest

__all__ = ["Session", "Sessions", "TooMany"]

_MOST_NOTED = 64
"""Names of a client's whose sessions ended and that it was not told of."""


class TooMany(Exception):
    """There are as many sessions as there may be; the message says what would help."""


@dataclass(eq=False)
class Session:
    """One session.

    Attributes:
        client: whose.
        id: what its client calls it.
        guest: its sandbox.
        engine: that was asked for, or None.
        packages: that were asked for.
        turn: held by the run that is under way.
        using: runs that are under way, or wait for their turn.
        runs: that ended.
        used: when it was last used, by the clock.
        first: whether nothing was run in it yet.
        closed: whether its client, or the time that nobody used it, has ended it.
        earlier: why an earlier one of this name ended, until its client was told; None for nothing.
    """

    client: str
    id: str
    guest: Guest
    engine: str | None
    packages: tuple[str, ...]
    used: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    using: int = 0
    runs: int = 0
    first: bool = True
    closed: bool = False
    earlier: str | None = None

    @property
    def busy(self) -> bool:
        """Whether a run is under way, or waits."""
        return self.using > 0


class Sessions:
    """Keeps sessions. Used from one event loop.

    Args:
        each: how many one client may have.
        all_: how many there may be.
        seconds: how long an unused one is kept.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        each: int,
        all_: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each = each
        self._all = all_
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[tuple[str, str], Session] = {}
        self._ended: dict[str, OrderedDict[str, str]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to end those that nobody uses."""
        self._sweeping = asyncio.create_task(self._sweep())

    def find(self, client: str, session_id: str) -> Session | None:
        """A client's session; None if it has none of this name."""
        return self._kept.get((client, session_id))

    def of(self, client: str) -> list[Session]:
        """All sessions of a client, by name."""
        found = [one for one in self._kept.values() if one.client == client]
        return sorted(found, key=lambda one: one.id)

    def make(
        self,
        client: str,
        session_id: str,
        guest: Callable[[], Guest],
        engine: str | None,
        packages: tuple[str, ...],
    ) -> Session:
        """A new session; there must be none of this name.

        Raises:
            TooMany: there are as many as may be.
        """
        own = self.of(client)
        if len(own) >= self._each:
            names = ", ".join(one.id for one in own[:8])
            raise TooMany(f"you have {len(own)} sessions, which is the most ({names}): close one")
        if len(self._kept) >= self._all:
            raise TooMany("this server keeps as many sessions as it may: try again later")
        made = Session(client, session_id, guest(), engine, packages, self._clock())
        made.earlier = self._told_of(client, session_id)
        self._kept[client, session_id] = made
        return made

    def touch(self, session: Session) -> None:
        """It was used just now."""
        session.used = self._clock()

    def idle(self, session: Session) -> float:
        """Seconds since it was last used."""
        return max(0.0, self._clock() - session.used)

    def forget(self, session: Session, why: str | None = None) -> None:
        """Its guest has ended: its name is free.

        Args:
            session: which.
            why: what its client is told when it uses the name again; None: it knows.
        """
        if self._kept.get((session.client, session.id)) is session:
            del self._kept[session.client, session.id]
            self._note(session, why)
        task = asyncio.create_task(session.guest.box.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def end(self, client: str, session_id: str, why: str | None = None) -> bool:
        """End a client's session, and what runs in it; whether there was one.

        Args:
            client: whose.
            session_id: which.
            why: as of :meth:`forget`.
        """
        session = self.find(client, session_id)
        if session is None:
            self._told_of(client, session_id)
            return False
        del self._kept[client, session_id]
        session.closed = True
        self._note(session, why)
        await session.guest.box.close()
        return True

    def _told_of(self, client: str, session_id: str) -> str | None:
        ended = self._ended.get(client)
        return None if ended is None else ended.pop(session_id, None)

    def _note(self, session: Session, why: str | None) -> None:
        why = session.earlier if why is None and session.runs == 0 else why
        if why is None:
            return
        ended = self._ended.setdefault(session.client, OrderedDict())
        ended[session.id] = why
        ended.move_to_end(session.id)
        if len(ended) > _MOST_NOTED:
            ended.popitem(last=False)

    async def close(self) -> None:
        """End all of them."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        kept, self._kept = list(self._kept.values()), {}
        await asyncio.gather(
            *(one.guest.box.close() for one in kept), *self._closing, return_exceptions=True
        )

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(self._seconds / 4, 30.0))
            for session in list(self._kept.values()):
                if not session.busy and self.idle(session) >= self._seconds:
                    with contextlib.suppress(Exception):
                        await self.end(
                            session.client,
                            session.id,
                            f"nobody used it for {self._seconds:g} seconds",
                        )
