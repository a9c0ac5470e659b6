"""Who may run now: a bounded queue that is fair between tenants.

So many runs at once, and so much memory of all guests together; the rest waits. Turns go round the
tenants that wait, one each, whatever the length of their lines. A tenant that runs nothing may use
one of a few places that are kept for such, so that another's long runs do not keep it out. When the
line is full, a newcomer takes the place of the last one of the tenant with the longest line, unless
that is its own.

Who waits for memory is passed by nobody, whatever little that one needs, except that a tenant that
uses nothing passes those that do.

Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType

from ringfence.server.memory import Holding, Memory
from ringfence.server.operations.tracing import NoTracing, Tracing
from ringfence.server.problems import Problem

__all__ = ["Admission", "Place"]

_BOUNDLESS = 1 << 62


class _Waiting:
    """One that waits: for a place, for memory, or for both.

    Attributes:
        let_in: when it is done; there is none before it has to wait.
        holding: what the memory is for.
        size: bytes that it may use then.
        before: bytes that it had until then.
        placed: whether it needs a place.
        other: a guest whose end it does not wait for, because that waits for this one.
    """

    __slots__ = ("before", "holding", "let_in", "other", "placed", "size")

    def __init__(
        self, holding: Holding, size: int, *, placed: bool, other: Holding | None = None
    ) -> None:
        self.other = other
        self.let_in: asyncio.Future[None]
        self.holding, self.size, self.placed = holding, size, placed
        self.before = holding.size


class Admission:
    """The places of guests that run.

    Args:
        running: runs at once.
        queue: runs that may wait, of all tenants.
        queue_seconds: how long one may wait.
        kept: places beyond ``running`` for tenants that have nothing running; a quarter of
            ``running`` if not given, and at least one.
        memory: what guests have together; without it that is not bounded.
        tracing: times how long they wait.

    Attributes:
        short: called when somebody waits for memory; :meth:`wanted` says for whom some could be
            made free, and :meth:`give_up` says that none can.
    """

    def __init__(
        self,
        running: int,
        queue: int,
        queue_seconds: float,
        *,
        kept: int | None = None,
        memory: Memory | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._most = running
        self._kept = max(1, running // 4) if kept is None else kept
        self._room, self._patience = queue, queue_seconds
        self._running: dict[str, int] = {}
        self._busy = self._waiting = 0
        # In the order of their turns: who was served goes to the end.
        self._lines: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._memory = Memory(_BOUNDLESS) if memory is None else memory
        self._memory.freed = self._serve
        self._tracing = NoTracing() if tracing is None else tracing
        self.short: Callable[[], object] = _nothing
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

    def place(self, tenant: str, memory: int = 0, holding: Holding | None = None) -> Place:
        """A place for one run of this tenant, as a context.

        Args:
            tenant: whose.
            memory: bytes that its guest may use.
            holding: of a guest that outlives the place; whoever made it says what it has then.
                Without one the guest has ended when the place is left.

        Raises:
            Problem: on entering, ``overloaded``: there was none in time.
        """
        return Place(self, tenant, memory, holding)

    async def enter(self, tenant: str, memory: int = 0, holding: Holding | None = None) -> None:
        """Wait for a place; :meth:`leave` gives it back, and the holding's end its memory.

        Raises:
            Problem: ``overloaded``.
        """
        if holding is None:
            assert not memory, "nobody could give it back"
            holding = self._memory.holding(tenant)
        with self._tracing.span("queue") as span:
            span.set(tenant=tenant)
            await self._enter(_Waiting(holding, memory, placed=True))

    @asynccontextmanager
    async def beside(self, other: Holding, memory: int) -> AsyncIterator[None]:
        """Memory of a guest beside one that is used, for as long as the block lasts.

        Raises:
            Problem: ``overloaded``.
        """
        holding = self._memory.holding(other.tenant)
        await self.room(holding, memory, other)
        try:
            yield
        finally:
            holding.end()

    async def room(self, holding: Holding, memory: int, other: Holding | None = None) -> None:
        """Wait for memory alone, for a guest that has no place of its own.

        Args:
            holding: the guest's; whoever made it ends it.
            memory: bytes that the guest may use.
            other: of a guest that is used meanwhile, and does not end before.

        Raises:
            Problem: ``overloaded``.
        """
        with self._tracing.span("queue") as span:
            span.set(tenant=holding.tenant)
            await self._enter(_Waiting(holding, memory, placed=False, other=other))

    def leave(self, tenant: str) -> None:
        """Give a place back."""
        self._busy -= 1
        left = self._running[tenant] - 1
        if left:
            self._running[tenant] = left
        else:
            del self._running[tenant]
        self._serve()

    def wanted(self) -> tuple[Holding, int] | None:
        """The first that waits for nothing but memory, and the bytes that it may use then."""
        for line in self._lines.values():
            if self._has_place(line[0]):
                return line[0].holding, line[0].size
        return None

    def give_up(self) -> None:
        """No memory can be made free: those go away to whom no end of a run would give enough."""
        for line in list(self._lines.values()):
            for waiting in list(line):
                if self._memory.hopeless(waiting.holding, waiting.size, waiting.other):
                    self._forget(waiting)
                    self._refuse(waiting, _NO_MEMORY)
        self._serve()

    # --- inside ------------------------------------------------------------------------------

    async def _enter(self, waiting: _Waiting) -> None:
        tenant = waiting.holding.tenant
        line = self._lines.get(tenant)
        if line is None and self._may_pass(waiting):
            self._take(waiting)
            return
        # One may always wait for memory that resting sessions can give back at once.
        if self._waiting >= max(self._room, self._has_place(waiting)):
            self._make_room(tenant, 0 if line is None else len(line))
        waiting.let_in = asyncio.get_running_loop().create_future()
        if line is None:
            line = self._lines[tenant] = deque()
        line.append(waiting)
        self._waiting += 1
        timer = asyncio.get_running_loop().call_later(self._patience, self._tire, waiting)
        self._serve()
        try:
            await waiting.let_in
        except asyncio.CancelledError:
            done = waiting.let_in
            if done.done() and not done.cancelled() and done.exception() is None:
                self._put_back(waiting)  # it was let in as it was cancelled
            else:
                self._forget(waiting)
                self._serve()  # it may have stood in the way
            raise
        finally:
            timer.cancel()

    def _has_place(self, waiting: _Waiting) -> bool:
        tenant = waiting.holding.tenant
        if not waiting.placed or self._busy < self._most:
            return True
        return self._busy < self._most + self._kept and tenant not in self._running

    def _may_pass(self, waiting: _Waiting) -> bool:
        """Whether one that has come just now needs not wait."""
        if not self._has_place(waiting) or not self._memory.fits(waiting.holding, waiting.size):
            return False
        uses = self._memory.uses(waiting.holding.tenant)
        return not any(
            self._has_place(line[0]) and (uses or not self._memory.uses(tenant))
            for tenant, line in self._lines.items()
        )

    def _take(self, waiting: _Waiting) -> None:
        if waiting.placed:
            tenant = waiting.holding.tenant
            self._busy += 1
            self._running[tenant] = self._running.get(tenant, 0) + 1
        waiting.before = waiting.holding.size
        if waiting.size:
            waiting.holding.use(waiting.size)

    def _put_back(self, waiting: _Waiting) -> None:
        """Undo :meth:`_take`."""
        if waiting.size:
            waiting.holding.rest(waiting.before)
        if waiting.placed:
            self.leave(waiting.holding.tenant)

    def _serve(self) -> None:
        """Let in whoever may, in turns."""
        while self._lines:
            tenant = self._next()
            if tenant is None:
                if self.wanted() is not None:
                    self.short()
                return
            line = self._lines[tenant]
            waiting = line.popleft()
            self._waiting -= 1
            if line:
                self._lines.move_to_end(tenant)
            else:
                del self._lines[tenant]
            if not waiting.let_in.done():
                self._take(waiting)
                waiting.let_in.set_result(None)

    def _next(self) -> str | None:
        """The tenant whose turn it is; None if nobody may be let in."""
        only_idle = False
        for tenant, line in self._lines.items():
            if not self._has_place(line[0]):
                continue
            uses = self._memory.uses(tenant)
            if only_idle and uses:
                continue
            if self._memory.fits(line[0].holding, line[0].size):
                return tenant
            if not uses:
                return None
            only_idle = True
        return None

    def _make_room(self, tenant: str, length: int) -> None:
        """Send away the last one of the longest line, if it is longer than the newcomer's."""
        longest = max(self._lines, key=lambda name: len(self._lines[name]), default=None)
        if longest is None or longest == tenant or len(self._lines[longest]) <= length + 1:
            self.refused += 1
            raise _overloaded("as many runs wait as may", self._patience)
        last = self._lines[longest][-1]
        self._forget(last)
        self._refuse(last, "its place went to a tenant that has fewer runs waiting")

    def _tire(self, waiting: _Waiting) -> None:
        if not waiting.let_in.done():
            short = self._has_place(waiting)
            self._forget(waiting)
            self._refuse(
                waiting, _NO_MEMORY if short else f"no place in {self._patience:g} seconds"
            )
            self._serve()  # it may have stood in the way

    def _refuse(self, waiting: _Waiting, why: str) -> None:
        self.refused += 1
        waiting.let_in.set_exception(_overloaded(why, self._patience))

    def _forget(self, waiting: _Waiting) -> None:
        tenant = waiting.holding.tenant
        line = self._lines.get(tenant)
        if line is None or waiting not in line:
            return
        line.remove(waiting)
        self._waiting -= 1
        if not line:
            del self._lines[tenant]


class Place:
    """A place, held while the block runs."""

    __slots__ = ("_admission", "_ends", "_holding", "_memory", "_tenant")

    def __init__(
        self, admission: Admission, tenant: str, memory: int, holding: Holding | None
    ) -> None:
        self._admission, self._tenant, self._memory = admission, tenant, memory
        self._ends = holding is None
        self._holding = admission._memory.holding(tenant) if holding is None else holding

    async def __aenter__(self) -> None:
        await self._admission.enter(self._tenant, self._memory, self._holding)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ends:
            self._holding.end()
        self._admission.leave(self._tenant)


_NO_MEMORY = "guests hold all the memory that they may have together, and none is given back"


def _overloaded(why: str, patience: float) -> Problem:
    return Problem(
        "overloaded",
        f"the service has too much to do: {why}; nothing of this request was run",
        retry_after=min(5.0, max(1.0, patience / 4)),
    )


def _nothing() -> None:
    """No memory can be made free here."""
