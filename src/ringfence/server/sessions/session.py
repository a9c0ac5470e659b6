"""One session as a server has it: its row, its guest if that is alive, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.memory import Holding
    from ringfence.server.sessions.record import LostName, SessionRecord

__all__ = ["Line", "Session"]

MOST_WAITING = 16
"""Calls that may wait for one session; more are ``busy``."""


class Line:
    """Whose turn it is in a session: one call at a time, in the order in which they came."""

    __slots__ = ("_taken", "_waiting")

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def taken(self) -> bool:
        """Whether a call is in it."""
        return self._taken

    async def enter(self, *, queue: bool, patience: float) -> None:
        """Wait for the turn.

        Raises:
            Problem: ``busy``: another is running, and this one will not wait, or not any longer.
        """
        if not self._taken:
            self._taken = True
            return
        if not queue:
            raise Problem("busy", "this session runs another call now", retry_after=1.0)
        if len(self._waiting) >= MOST_WAITING:
            raise Problem(
                "busy", f"{MOST_WAITING} calls wait for this session already", retry_after=1.0
            )
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(patience):
                await waiting
        except BaseException as error:
            if waiting.done() and not waiting.cancelled():
                if waiting.exception() is not None:
                    raise  # it was sent away
                self.leave()  # it was let in as it gave up
            elif waiting in self._waiting:
                self._waiting.remove(waiting)
            if isinstance(error, TimeoutError):
                raise Problem(
                    "busy",
                    f"this session ran other calls for {patience:g} seconds; nothing of this one "
                    "was run",
                    retry_after=1.0,
                ) from None
            raise

    def send_away(self, problem: Problem) -> None:
        """Refuse those that wait: whoever enters next is the next."""
        waiting, self._waiting = list(self._waiting), deque()
        for one in waiting:
            if not one.done():
                one.set_exception(problem)

    def leave(self) -> None:
        """Let the next one in."""
        for waiting in self._waiting:
            if not waiting.done():
                self._waiting.remove(waiting)
                waiting.set_result(None)
                return
        self._taken = False


class Session:
    """A session that somebody uses, or whose guest is alive.

    Only who holds its line changes it.

    Attributes:
        tenant: whose it is.
        id: its name.
        line: whose turn it is.
        record: its row; None while it was not looked up, and when there is none.
        stored: whether the database has a row.
        box: its guest; None when it was put aside.
        dirty: whether it has done anything since it was saved.
        file_digests: name -> digest of the files that the database has.
        restored: whether its guest was started from what was saved, and no call has told so.
        lost: what did not come back then.
        unsavable: whether it could not be saved when that was last tried.
        users: calls that hold it or wait for it.
        stop: ends the turn that runs, if one does.
        memory: what its guest holds of the memory of all guests.
        weighed: bytes that were resident when it was weighed; None if it was not since its last
            turn.
    """

    __slots__ = (
        "box",
        "dirty",
        "file_digests",
        "id",
        "last_used",
        "line",
        "lost",
        "memory",
        "record",
        "restored",
        "stop",
        "stored",
        "tenant",
        "unsavable",
        "users",
        "weighed",
    )

    def __init__(self, tenant: str, name: str, memory: Holding) -> None:
        self.tenant = tenant
        self.memory = memory
        self.weighed: int | None = None
        self.id = name
        self.line = Line()
        self.record: SessionRecord | None = None
        self.stored = False
        self.box: AsyncSandbox | None = None
        self.dirty = False
        self.file_digests: dict[str, bytes] = {}
        self.restored = False
        self.lost: tuple[LostName, ...] = ()
        self.users = 0
        self.unsavable = False
        self.stop: Callable[[], object] | None = None
        self.last_used = 0.0

    @property
    def known(self) -> SessionRecord:
        """Its row, which there is."""
        assert self.record is not None
        return self.record
