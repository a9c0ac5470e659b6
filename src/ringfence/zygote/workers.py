"""Processes that are started one by one, each for one guest: where no zygote can stand.

A zygote needs what Linux has (:func:`.needs.why_no_zygote`). Elsewhere each guest is a process of
its own from the start: it takes a tenth of a second until it is warm, and shares less memory with
others. One is started at once, for that shows whether it can be, and waits for the first guest's
limits.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ringfence.errors import EngineFailure
from ringfence.jail.guest_limits import GuestLimits
from ringfence.system.forks import call_in_forked_children
from ringfence.zygote.endings import Record
from ringfence.zygote.foreign_vitals import make_vitals
from ringfence.zygote.keeper import make_keeper
from ringfence.zygote.launch import StartFailed, ZygoteConfig, explain_exhausted
from ringfence.zygote.shortage import EXHAUSTED, explain_shortage
from ringfence.zygote.signals import KILL
from ringfence.zygote.spares import Spares
from ringfence.zygote.starting import make_pair
from ringfence.zygote.vitals import Vitals
from ringfence.zygote.worker import Worker

__all__ = ["REAPER", "WorkerProcesses"]

REAPER = "ringfence-reaper"
"""The name of threads that let go of processes which were ended."""

_END_SECONDS = 10.0
_GONE = "what starts guests belongs to another process, or was closed"


class WorkerProcesses:
    """Starts processes and talks to them; usable from any thread. See :class:`.source.GuestSource`.

    Args:
        config: what each of them is to be.
        when_unused: called when it is retired and its last guest was closed.

    Raises:
        StartFailed: the first cannot be started.
    """

    def __init__(self, config: ZygoteConfig, when_unused: Callable[[], None]) -> None:
        self.config = config
        self._when_unused = when_unused
        self.owner = os.getpid()
        self.users = 0
        self.retired = False
        self.spares: Spares[Any] = Spares()
        self._lock = threading.RLock()
        self._live: dict[int, Worker] = {}
        self._ending: list[Worker] = []  # killed, and not reaped
        self._reaper: threading.Thread | None = None
        self._next = 0
        self._closed = False
        self._first: Worker | None = None
        try:
            self._keeper = make_keeper(config.command)
        except OSError as error:
            text = f"{config.command[0]}: {error.strerror}"
            raise StartFailed("start", error.errno, text, what="worker") from error
        _all.add(self)
        try:
            self._first = self._start()
            self._first.await_ready()
        except BaseException:
            self.close()
            raise

    # --- guests ----------------------------------------------------------------------------

    def spawn(self, limits: GuestLimits, given: Sequence[int] = ()) -> tuple[int, socket.socket]:
        try:
            here, there = make_pair()
        except OSError as error:
            why = explain_shortage(error.errno)
            raise EngineFailure(f"no socket for a guest: {why}") from error
        with there:
            try:
                worker = self._begin(limits, (there.fileno(), *given))
            except BaseException:
                here.close()
                raise
        with self._lock:
            number = self._next
            self._next += 1
            if not self._closed:
                self._live[number] = worker
                return number, here
        here.close()
        self._end(worker)
        raise EngineFailure(_GONE)

    def _begin(self, limits: GuestLimits, given: Sequence[int]) -> Worker:
        """A process that was told whose guest it is."""
        if not self.alive:
            raise EngineFailure(_GONE)
        with self._lock:
            first, self._first = self._first, None
        if first is not None:
            try:
                first.begin(limits, given)
            except OSError:  # somebody has ended it while it waited
                self._end(first)
            else:
                return first
        try:
            worker = self._start()
        except StartFailed as error:
            if error.errno in EXHAUSTED:
                raise explain_exhausted(error) from error
            raise
        try:
            worker.begin(limits, given)
        except OSError as error:
            self._end(worker)
            why = explain_shortage(error.errno)
            raise EngineFailure(f"no process for a guest: {why}") from error
        return worker

    def _start(self) -> Worker:
        worker = Worker(self.config)
        if self._keeper is not None:
            self._keeper.add(worker.pid)
        return worker

    def _find(self, number: int) -> Worker | None:
        return self._live.get(number) if self.owner == os.getpid() else None

    def vitals(self, number: int) -> Vitals | None:
        worker = self._find(number)
        if worker is None:
            return None
        if not worker.await_begun() or worker.before is None:
            raise EngineFailure("a guest's process does not begin; the machine is overloaded")
        return make_vitals(worker.pid, worker.before)

    def send_signal(self, number: int, what: int) -> None:
        worker = self._find(number)
        if worker is None:
            return
        if what == KILL:
            worker.kill()
        else:
            worker.signal(what)

    def exit_record(self, number: int, timeout: float) -> Record | None:
        worker = self._find(number)
        if worker is None:
            return None
        until = time.monotonic() + timeout
        if not worker.await_begun(timeout):
            return None
        ended = worker.await_end(max(0.0, until - time.monotonic()))
        return worker.record if ended else None

    def wait_for_end(self, number: int, timeout: float) -> None:
        worker = self._find(number)
        if worker is not None:
            worker.await_end(timeout)

    def cpu_backstop(self, number: int, cpu: float) -> bool:
        worker = self._find(number)
        return worker is not None and worker.limits is not None and cpu >= worker.limits.cpu

    def forget(self, number: int) -> None:
        with self._lock:
            worker = self._live.pop(number, None)
            unused = self.retired and not self._live and not self._closed
        if worker is not None and self.owner == os.getpid():
            self._end(worker)
        if unused:
            self._when_unused()

    @property
    def guests(self) -> int:
        return len(self._live) - len(self.spares)

    # --- the end ---------------------------------------------------------------------------

    def _end(self, worker: Worker) -> None:
        """Nobody needs it: end it, and have it reaped when it has ended."""
        worker.kill()
        with self._lock:
            self._ending.append(worker)
            if self._reaper is not None:
                return
            reaper = threading.Thread(target=self._reap, name=REAPER, daemon=True)
            try:
                reaper.start()
            except RuntimeError:  # no thread is to be had, or the interpreter is leaving
                pass
            else:
                self._reaper = reaper
                return
        self._reap()

    def _reap(self) -> None:
        """Reap what was ended until there is no more of it."""
        try:
            while True:
                with self._lock:
                    if not self._ending:
                        self._reaper = None
                        return
                    worker = self._ending.pop()
                self._bury(worker)
        except BaseException:
            self._reaper = None  # the next end starts another
            raise

    def _bury(self, worker: Worker) -> None:
        if worker.await_end(_END_SECONDS) and self._keeper is not None:
            self._keeper.remove(worker.pid)
        worker.close()

    @property
    def alive(self) -> bool:
        return not self._closed and self.owner == os.getpid()

    def close(self) -> None:
        if self.owner != os.getpid():
            return
        self.spares.close()
        with self._lock:
            self._closed = True
            ending = list(self._live.values())
            if self._first is not None:
                ending.append(self._first)
            self._first = None
            self._live.clear()
            reaper = self._reaper
        for worker in ending:
            worker.kill()
        for worker in ending:
            self._bury(worker)
        if reaper is not None and reaper is not threading.current_thread():
            reaper.join(_END_SECONDS)
        if self._keeper is not None:
            self._keeper.close()
        _all.discard(self)

    def drop_after_fork(self) -> None:
        """In a forked child: the processes are the parent's."""
        self._lock = threading.RLock()
        self.spares = Spares()
        self._closed, self._reaper = True, None
        for worker in (*self._live.values(), *self._ending, self._first):
            if worker is not None:
                worker.drop_after_fork()
        if self._keeper is not None:
            self._keeper.drop_after_fork()
        self._live.clear()
        self._ending.clear()
        self._first = None


_all: weakref.WeakSet[WorkerProcesses] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for processes in list(_all):
        processes.drop_after_fork()
    _all.clear()


call_in_forked_children(_drop_all_after_fork)
