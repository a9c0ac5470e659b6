"""Warm guests that nobody has used, kept ready, so that a sandbox starts in no time."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from ringfence.engine import Guest
from ringfence.errors import ConfigurationError, EngineFailure, RingfenceError, SandboxClosed
from ringfence.model import Limits, Package, Policy
from ringfence.runtime.request import run_request
from ringfence.runtime.session import Session
from ringfence.runtime.shell_sync import SyncShell
from ringfence.runtime.source import Engines, FreshGuest, Source, nothing
from ringfence_guest.readiness import POLLIN, await_one

__all__ = ["Pool", "PoolStatistics", "check_pool"]

MOST = 4_096
"""Guests in a pool."""

_MOMENT = 0.003
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0  # seconds between attempts that fail

# Turns as a program's first one: it prints and makes values of several kinds; then the plainest, so
# that what comes behind a turn has been done as well. They leave no name behind, and have the name
# of a program's first cell (a new one is written to four pages); where NumPy is at hand its first
# array costs nobody anything later.
_FIRST_CELL = "<cell 1>"
_WARM_UP = (
    """
[print("ready"), {"a": (1, 2.5, "b"), "c": [None, True]}, sorted({3, 1, 2}), f"{1:>5}",
 (lambda numpy: numpy and (numpy.arange(8.0).reshape(2, 4) @ numpy.ones((4, 2))).tolist())(
     __import__("sys").modules.get("numpy"))]
""",
    "1+1",
)


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """What a pool has, and has done since it was made.

    Attributes:
        size: how many guests it keeps ready.
        ready: how many are.
        taken: sandboxes that got a warm guest.
        missed: sandboxes that found none ready, and were given a fresh one.
        lost: warm guests that ended before anybody took them.
        failed: attempts to start one that failed.
        trouble: why the last attempt failed; empty when it did not.
    """

    size: int
    ready: int
    taken: int
    missed: int
    lost: int
    failed: int
    trouble: str


class Pool:
    """Keeps ``size`` unused guests warm, and starts others when they are taken.

    A guest of a pool has been started under the pool's limits and has run one turn of ours, so that
    what a first turn needs is in memory. It belongs to nobody: it has no functions, files, modules
    or variables, no code of any caller ran in it, and whoever takes it is the only one who has it.

    Use it in a ``with`` block, or call :meth:`start` and :meth:`close`; it may be shared by threads
    and event loops. When no guest is ready, a sandbox gets a fresh one as without a pool; the
    statistics count that. After a ``fork()`` the child's pool begins anew.

    Args:
        size: guests to keep ready, 1 to 4,096. Each idle one costs about 2 MiB.
        engine, limits, policy, packages, python: as of :func:`ringfence.run`. With
            ``Policy(isolation="tenant")`` the guests share an image with each other and with nobody
            else.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self,
        size: int = 4,
        *,
        engine: Engines = "auto",
        limits: Limits | None = None,
        policy: Policy | None = None,
        packages: Sequence[Package] = (),
        python: str | os.PathLike[str] | None = None,
    ) -> None:
        if type(size) is not int or not 1 <= size <= MOST:
            raise ConfigurationError(f"size={size!r} must be a whole number from 1 to {MOST}")
        source = Source(engine, limits, policy, packages, python, keep=True)
        self._size = size
        self.source = source
        """What starts its guests."""
        self.limits = source.limits
        """The limits of its guests."""
        self._stock = _Stock(size, source)
        # The thread that fills it holds the stock and not the pool: a pool that is forgotten ends.
        self._end = weakref.finalize(self, self._stock.close)

    def start(self) -> Self:
        """Start filling it, in the background; taking from it does that as well.

        Raises:
            SandboxClosed: it was closed.
        """
        self._stock.fill()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all guests are ready, at most ``timeout`` seconds; returns whether they are.

        Raises:
            PolicyNotEnforceable, EngineNotAvailable, EngineFailure, ConfigurationError: none can be
                started; why.
            SandboxClosed: it was closed.
        """
        return self._stock.wait(timeout)

    def take(self) -> FreshGuest | None:
        """A guest that is ready, or None. For the façade; whoever takes a guest closes it."""
        return self._stock.take()

    def fresh(self) -> FreshGuest:
        """A guest that is ready, or else a fresh one. For the façade.

        Raises:
            SandboxClosed: the pool was closed.
            PolicyNotEnforceable, EngineNotAvailable, EngineFailure: none can be started.
        """
        return self._stock.take() or self._stock.make()

    def statistics(self) -> PoolStatistics:
        """What it has, and has done."""
        return self._stock.statistics()

    def close(self) -> None:
        """End the guests that nobody took; those that were taken live on. May be called again."""
        self._end()


class _Stock:
    """What a pool has ready. It belongs to a process: a forked child begins anew."""

    def __init__(self, size: int, source: Source) -> None:
        self._size = size
        self._source = source
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._ready: deque[FreshGuest] = deque()
        self._ended: deque[Guest] = deque()
        self._filler: threading.Thread | None = None
        self._taken = self._missed = self._lost = self._failed = 0
        self._trouble: RingfenceError | None = None

    def _adopt(self) -> None:
        """Forget what belongs to the process before a fork."""
        if self._pid != os.getpid():
            self._source.renew()
            self._begin()

    def _refuse_closed(self) -> None:
        self._adopt()
        if self._closed:
            raise SandboxClosed("this pool was closed")

    def fill(self) -> None:
        """Have the filler at work."""
        self._refuse_closed()
        with self._changed:
            if self._filler is None:
                filler = threading.Thread(target=self._fill, name="ringfence-pool", daemon=True)
                try:
                    filler.start()
                except RuntimeError as error:  # every taker is then given a fresh guest
                    self._trouble = EngineFailure(f"no thread to fill the pool: {error}")
                else:
                    self._filler = filler
            self._changed.notify_all()

    def _refill(self) -> None:
        """Have what was taken replaced; the pool may have been closed since."""
        with contextlib.suppress(SandboxClosed):
            self.fill()

    def take(self) -> FreshGuest | None:
        """The guest that has been ready for longest, if it still lives."""
        self._refuse_closed()
        found: FreshGuest | None = None
        with self._changed:
            while found is None and self._ready:
                guest = self._ready.popleft()
                if _is_quiet(guest):
                    found = guest
                    self._taken += 1
                else:
                    self._lost += 1
                    guest.guest.close()
            enough = found is not None and not self._is_low()
        if not enough:  # else the filler is woken when the taker has done its first work
            self.fill()
        return found

    def make(self) -> FreshGuest:
        """A fresh one, for who found none."""
        with self._changed:
            self._missed += 1
        return self._source.fresh()

    def wait(self, timeout: float | None) -> bool:
        """See :meth:`Pool.wait`."""
        self.fill()
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._ready) >= self._size or self._trouble or self._closed, timeout
            )
            if self._closed:
                raise SandboxClosed("this pool was closed")
            if self._trouble is not None:
                raise self._trouble
            return len(self._ready) >= self._size

    def statistics(self) -> PoolStatistics:
        """See :class:`PoolStatistics`."""
        self._adopt()
        with self._changed:
            return PoolStatistics(
                self._size,
                len(self._ready),
                self._taken,
                self._missed,
                self._lost,
                self._failed,
                "" if self._trouble is None else str(self._trouble),
            )

    def close(self) -> None:
        """End what nobody took."""
        self._adopt()
        with self._changed:
            self._closed = True
            left, self._ready = list(self._ready), deque()
            self._changed.notify_all()
        for fresh in left:
            fresh.guest.close()
        if self._filler is not None and self._filler is not threading.current_thread():
            self._filler.join()
        self._close_ended()
        self._source.close()

    # --- the filler's thread ---------------------------------------------------------------

    def _fill(self) -> None:
        try:
            self._fill_until_closed()
        finally:  # whatever ended it, the next taker starts another
            with self._changed:
                if self._filler is threading.current_thread() and not self._closed:
                    self._filler = None
            self._close_ended()

    def _fill_until_closed(self) -> None:
        pause = _FIRST_PAUSE
        while self._is_wanted():
            try:
                fresh = warm(self._source)
            except RingfenceError as error:
                with self._changed:
                    self._failed += 1
                    self._trouble = error
                    self._changed.notify_all()
                self._close_ended()  # what is missing may be what they hold
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                pause = _FIRST_PAUSE
                self._put(
                    fresh._replace(
                        prepare=self._refill,
                        discard=partial(self._discard, fresh.guest),
                        give_back=self._refill,
                    )
                )

    def _is_wanted(self) -> bool:
        """Wait until one more guest is wanted; False when the pool was closed. What those that were
        taken have left is closed meanwhile.

        While there are enough, whoever takes one is left alone for a moment: it has a turn to
        begin, on the processor and behind the interpreter lock that a start would take from it.
        """
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or self._ended or len(self._ready) < self._size
                )
                self._changed.wait_for(lambda: self._closed or self._is_low(), _MOMENT)
                if self._closed:
                    return False
                wanted = len(self._ready) < self._size
            self._close_ended()
            if wanted:
                return True

    def _discard(self, guest: Guest) -> None:
        """End a guest that was taken; what is left of it is closed by the filler, for who has taken
        it waits for nothing any more. Whoever calls this calls :meth:`_refill` behind it.
        """
        guest.stop("kill")
        with self._changed:
            if self._filler is not None and self._trouble is None and not self._closed:
                self._ended.append(guest)
                return
        guest.close()  # nobody else would soon

    def _close_ended(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._ended.popleft().close()

    def _is_low(self) -> bool:
        return 2 * len(self._ready) < self._size

    def _put(self, fresh: FreshGuest) -> None:
        with self._changed:
            self._trouble = None
            if not self._closed:
                self._ready.append(fresh)
                self._changed.notify_all()
                return
        fresh.guest.close()


def warm(source: Source) -> FreshGuest:
    """A fresh guest that has run a turn of ours.

    Raises:
        PolicyNotEnforceable, EngineNotAvailable, EngineFailure: there is none to be had.
    """
    fresh = source.fresh()
    # What its taker's turns may use says nothing about this one.
    unfuelled = source.limits if source.limits.fuel is None else source.limits.replace(fuel=None)
    try:
        session = Session(
            fresh.guest,
            engine=fresh.engine,
            walls=fresh.walls,
            enforced=fresh.enforced,
            limits=source.limits,
            functions={},
            modules={},
            files={},
            ask=None,
            trace=None,
        )
        with contextlib.closing(SyncShell(session)) as shell:
            for cell in _WARM_UP:
                request = run_request(
                    cell, filename=_FIRST_CELL, stdin=None, inputs={}, limits=unfuelled
                )
                turn = session.begin(request)
                for _ in shell.drive(turn):
                    pass
                last = cell is _WARM_UP[-1]
                session.finish(turn, None, last=last).raise_for_status()
    except BaseException:
        fresh.guest.close()
        raise
    # Nobody forks one ahead in the middle of its taker's turn: the pool starts the next one.
    return fresh._replace(ready=True, prepare=nothing)


def _is_quiet(fresh: FreshGuest) -> bool:
    """Whether a guest that waits for its first request does just that. Bytes, or the end of its
    channel, mean that it does not.
    """
    return not await_one(fresh.guest.channel.fileno(), POLLIN, 0)


def check_pool(
    pool: object,
    engine: Engines,
    policy: Policy | None,
    packages: Sequence[Package],
    python: str | os.PathLike[str] | None,
) -> None:
    """Refuse what is no pool, and arguments that are the pool's to say.

    Raises:
        ConfigurationError: one of them was given.
    """
    if not isinstance(pool, Pool):
        raise ConfigurationError(f"pool={pool!r} is not a ringfence.Pool")
    given = {
        "engine": engine != "auto",
        "policy": policy is not None,
        "packages": bool(packages),
        "python": python is not None,
    }
    wrong = [name for name, is_given in given.items() if is_given]
    if wrong:
        raise ConfigurationError(
            f"{' and '.join(wrong)}: the guests of a pool have theirs already; "
            f"give {wrong[0] if len(wrong) == 1 else 'them'} to the Pool"
        )
