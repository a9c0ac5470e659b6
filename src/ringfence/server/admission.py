"""Who may run now: a bounded queue that is fair between tenants.

So many runs at once, and the rest waits. Turns go round the tenants that wait, one each, whatever
the length of their lines. A tenant that runs nothing may use one of a few places that are kept for
such, so that another's long runs do not keep it out. When the line is full, a newcomer takes the
place of the last one of the tenant with the longest line, unless that is its own.

Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from types import TracebackType

from ringfence.server.problems import Problem

__all__ = ["Admission", "Place"]

_Waiting = asyncio.Future[None]


class Admission:
    """The places of guests that run.

    Args:
        running: runs at once.
        queue: runs that may wait, of all tenants.
        queue_seconds: how long one may wait.
        kept: places beyond ``running`` for tenants that have nothing running; a quarter of
            ``running`` if not given, and at least one.
    """

    def __init__(
        self, running: int, queue: int, queue_seconds: float, *, kept: int | None = None
    ) -> None:
        self._most = running
        self._kept = max(1, running // 4) if kept is None else kept
        self._room, self._patience = queue, queue_seconds
        self._running: dict[str, int] = {}
        self._busy = self._waiting = 0
        # In the order of their turns: who was served goes to the end.
        self._lines: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self.refused = 0
        """How many found no place in time, since the start."""

    @property
    def running(self) -> int:
        """How many run."""
        return self._busy

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    def place(self, tenant: str) -> Place:
        """A place for one run of this tenant, as a context.

        Raises:
            Problem: on entering, ``overloaded``: there was none in time.
        """
        return Place(self, tenant)

    async def enter(self, tenant: str) -> None:
        """Wait for a place; :meth:`leave` gives it back.

        Raises:
            Problem: ``overloaded``.
        """
        line = self._lines.get(tenant)
        if line is None and self._may_run(tenant):
            self._take(tenant)
            return
        if self._waiting >= self._room:
            self._make_room(tenant, 0 if line is None else len(line))
        waiting: _Waiting = asyncio.get_running_loop().create_future()
        if line is None:
            line = self._lines[tenant] = deque()
        line.append(waiting)
        self._waiting += 1
        timer = asyncio.get_running_loop().call_later(self._patience, self._tire, tenant, waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                self.leave(tenant)  # it was let in as it was cancelled
            else:
                self._forget(tenant, waiting)
            raise
        finally:
            timer.cancel()

    def leave(self, tenant: str) -> None:
        """Give a place back."""
        self._busy -= 1
        left = self._running[tenant] - 1
        if left:
            self._running[tenant] = left
        else:
            del self._running[tenant]
        self._serve()

    # --- inside ------------------------------------------------------------------------------

    def _may_run(self, tenant: str) -> bool:
        if self._busy < self._most:
            return True
        return self._busy < self._most + self._kept and tenant not in self._running

    def _take(self, tenant: str) -> None:
        self._busy += 1
        self._running[tenant] = self._running.get(tenant, 0) + 1

    def _serve(self) -> None:
        """Let in whoever may, in turns."""
        while True:
            tenant = next((name for name in self._lines if self._may_run(name)), None)
            if tenant is None:
                return
            line = self._lines[tenant]
            waiting = line.popleft()
            self._waiting -= 1
            if line:
                self._lines.move_to_end(tenant)
            else:
                del self._lines[tenant]
            if not waiting.done():
                self._take(tenant)
                waiting.set_result(None)

    def _make_room(self, tenant: str, length: int) -> None:
        """Send away the last one of the longest line, if it is longer than the newcomer's."""
        longest = max(self._lines, key=lambda name: len(self._lines[name]), default=None)
        if longest is None or longest == tenant or len(self._lines[longest]) <= length + 1:
            self.refused += 1
            raise _overloaded("as many runs wait as may", self._patience)
        last = self._lines[longest][-1]
        self._forget(longest, last)
        self._refuse(last, "its place went to a tenant that has fewer runs waiting")

    def _tire(self, tenant: str, waiting: _Waiting) -> None:
        if not waiting.done():
            self._forget(tenant, waiting)
            self._refuse(waiting, f"no place in {self._patience:g} seconds")

    def _refuse(self, waiting: _Waiting, why: str) -> None:
        self.refused += 1
        waiting.set_exception(_overloaded(why, self._patience))

    def _forget(self, tenant: str, waiting: _Waiting) -> None:
        line = self._lines.get(tenant)
        if line is None or waiting not in line:
            return
        line.remove(waiting)
        self._waiting -= 1
        if not line:
            del self._lines[tenant]


class Place:
    """A place, held while the block runs."""

    __slots__ = ("_admission", "_tenant")

    def __init__(self, admission: Admission, tenant: str) -> None:
        self._admission, self._tenant = admission, tenant

    async def __aenter__(self) -> None:
        await self._admission.enter(self._tenant)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admission.leave(self._tenant)


def _overloaded(why: str, patience: float) -> Problem:
    return Problem(
        "overloaded",
        f"the service has too much to do: {why}; nothing of this request was run",
        retry_after=min(5.0, max(1.0, patience / 4)),
    )
