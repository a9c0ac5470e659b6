"""Making memory free for who waits for some: resting sessions are weighed, then put aside."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ringfence.server.sessions.weighing import weigh

if TYPE_CHECKING:
    from ringfence.server.admission import Admission
    from ringfence.server.memory import Memory
    from ringfence.server.sessions.directory import Sessions

__all__ = ["Clearing"]

_log = logging.getLogger(__name__)


class Clearing:
    """Works while somebody waits for memory.

    What is put aside is what was used least recently: first of the tenants that hold as much as
    all would if they had the same, or more, then of any.

    Args:
        memory: the account.
        admission: where they wait.
        sessions: that may be put aside.
    """

    def __init__(self, memory: Memory, admission: Admission, sessions: Sessions) -> None:
        self._memory, self._admission, self._sessions = memory, admission, sessions
        self._task: asyncio.Task[None] | None = None
        self._news = False
        admission.short = self.begin

    def begin(self) -> None:
        """Somebody waits, or something has changed for who does."""
        self._news = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._clear(), name="ringfence-clearing")

    async def close(self) -> None:
        """Work no more."""
        self._admission.short = _nothing
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _clear(self) -> None:
        try:
            while self._admission.wanted() is not None:
                self._news = False
                if await weigh(self._sessions.live) or await self._put_one_aside():
                    continue
                if not self._news:  # or else another rests now, or waits
                    break
        except Exception as error:
            _log.warning("no memory was made free: %s: %s", type(error).__name__, str(error)[:300])
        self._admission.give_up()

    async def _put_one_aside(self) -> bool:
        """The one that was used least recently; False if none rests that could be."""
        aside, memory = self._sessions.aside, self._memory
        if await aside.put_one("memory", lambda one: memory.is_much(one.tenant)):
            return True
        return await aside.put_one("memory", lambda one: not memory.is_much(one.tenant))


def _nothing() -> None:
    """Nobody makes memory free any more."""
