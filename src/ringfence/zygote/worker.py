"""One process that is started for one guest, as the host holds it: where nothing can be forked.

The process is warm before it is told whose guest it is to be, so it can be started ahead of that.
It is told over its post (:mod:`.post`).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any, NamedTuple

from ringfence.errors import EngineFailure
from ringfence.jail.rlimits import GuestLimits
from ringfence.zygote.launch import (
    START_SECONDS,
    StartFailed,
    ZygoteConfig,
    describe_end,
    launch,
)
from ringfence.zygote.post import receive_message, send_message
from ringfence.zygote.starting import make_pair

__all__ = ["Record", "Worker"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.000_5, 0.05  # seconds, between two looks at a process that ends
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss; getrusage(2)


class Record(NamedTuple):
    """How a process ended: its wait status, CPU seconds and largest resident bytes."""

    status: int
    cpu: float
    memory: int


class Worker:
    """Starts the process; usable from any thread.

    Args:
        config: what it is to be.

    Attributes:
        limits: of the guest that it is, once it was told.
        before: CPU seconds that it used before it was that guest; None until it has said so.

    Raises:
        StartFailed: there is no such program, or no process for it.
    """

    def __init__(self, config: ZygoteConfig) -> None:
        self.limits: GuestLimits | None = None
        self.before: float | None = None
        self._reading = threading.Lock()
        self._failure: EngineFailure | None = None
        self._ready = False
        self._given: list[int] = []
        # Who signals it must know that it was not reaped meanwhile: then its pid may be another's.
        self._reaping = threading.RLock()
        self._reaped = False
        self._record: Record | None = None
        message = {
            "profile": config.profile.to_json(),
            "program": config.program,
            "settings": json.loads(config.settings),
        }
        try:
            self._post, theirs = make_pair()
        except OSError as error:
            raise _failed("start", error.errno, f"no socket: {error.strerror}") from error
        try:
            with theirs:
                self._process = launch(config, theirs)
        except BaseException:
            self._post.close()
            raise
        self.pid = self._process.pid
        self._post.settimeout(START_SECONDS)
        with contextlib.suppress(OSError):  # it has ended, as who waits for it will see
            send_message(self._post, message)

    # --- its start -------------------------------------------------------------------------

    def await_ready(self) -> None:
        """Wait until it is warm.

        Raises:
            StartFailed: it cannot be started.
        """
        with self._reading:
            self._await_ready()

    def _await_ready(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._ready:
            return
        said = self._hear()
        if "failed" in said:
            self._failure = _failed(said["failed"], said["errno"], said["error"], said["traceback"])
            raise self._failure
        self._ready = True

    def begin(self, limits: GuestLimits, given: Sequence[int]) -> None:
        """Tell it which guest it is; does not wait until it is warm.

        Args:
            limits: of the guest.
            given: the guest's descriptors.

        Raises:
            OSError: it has ended, or it cannot be told.
        """
        # On macOS a descriptor that is closed before it was received may be lost: copies are kept
        # until it has them.
        for descriptor in given:
            self._given.append(os.dup(descriptor))
        message = {"limits": astuple(limits), "descriptors": len(given)}
        send_message(self._post, message, given)
        self.limits = limits

    def await_begun(self, timeout: float = START_SECONDS) -> bool:
        """Wait until it is the guest that it was told to be; False if it is not yet.

        Raises:
            EngineFailure: it never was.
        """
        if self.before is not None:
            return True
        until = time.monotonic() + timeout
        if not self._reading.acquire(timeout=timeout):
            return False
        try:
            while self.before is None:
                if self._failure is None and not self._await_word(until - time.monotonic()):
                    return False
                if not self._ready:
                    self._await_ready()
                else:
                    self.before = float(self._hear()["cpu"])
                    self._give_back()
        finally:
            self._reading.release()
        return True

    def _await_word(self, timeout: float) -> bool:
        """Wait until it says something, or has ended."""
        descriptor = self._post.fileno()
        if descriptor < 0:  # another thread has let go of it, which whoever reads will find
            return True
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(max(0.0, timeout) * 1000))

    def _give_back(self) -> None:
        given, self._given = self._given, []
        for descriptor in given:
            os.close(descriptor)

    def _hear(self) -> Mapping[str, Any]:
        """What it says next, before any code of a guest's runs in it.

        Raises:
            StartFailed: it has ended, or says nothing.
        """
        try:
            said, _ = receive_message(self._post)
        except TimeoutError:
            self.kill()
            self._failure = _failed("start", None, f"no answer within {START_SECONDS:g} s")
            raise self._failure from None
        except ConnectionError:  # it ended before it had read all
            said = None
        except OSError as error:
            self._failure = _failed("start", error.errno, str(error.strerror))
            raise self._failure from error
        if said is None:
            self._failure = _failed("start", None, f"the process {self._describe_end()}")
            raise self._failure
        return said

    def _describe_end(self) -> str:
        if not self.await_end(_LONGEST_PAUSE * 20) or self._record is None:
            return "closed its socket"
        return describe_end(self._process)

    # --- its end ---------------------------------------------------------------------------

    @property
    def record(self) -> Record | None:
        """How it ended, if it has, as far as is known: another's ``wait`` may have taken it."""
        return self._record

    def signal(self, what: int) -> None:
        """Send it a signal; one that is gone is no error, nor is one that this user may not signal:
        it ends when its sockets do.
        """
        with self._reaping:
            if not self._reap():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(self.pid, what)

    def kill(self) -> None:
        """End it; does not wait."""
        self.signal(signal.SIGKILL)

    def await_end(self, timeout: float) -> bool:
        """Wait until it has ended, and reap it; False if it has not."""
        until = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while not self._reap():
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
        return True

    def _reap(self) -> bool:
        """Whether it has ended; a handler of a signal may have found out in the middle of this."""
        with self._reaping:
            if self._reaped:
                return True
            try:
                pid, status, used = os.wait4(self.pid, os.WNOHANG)
            except ChildProcessError:
                if not self._reaped:  # somebody else waits for all children of this process
                    self._reaped = True
                    self._process.returncode = 0
                return True
            if not pid:
                return False
            self._reaped = True
            self._process.returncode = os.waitstatus_to_exitcode(status)
            cpu = used.ru_utime + used.ru_stime - (self.before or 0.0)
            self._record = Record(status, cpu, used.ru_maxrss * _RSS_UNIT)
            return True

    def close(self) -> None:
        """Let go of it: it ends, if it has not, for nobody holds its sockets any more."""
        self._give_back()
        self._post.close()

    def drop_after_fork(self) -> None:
        """In a forked child: it is the parent's."""
        self._reading, self._reaping = threading.Lock(), threading.RLock()
        self._reaped = True
        self._process.returncode = 0
        self.close()


def _failed(stage: str, code: int | None, text: str, detail: str = "") -> StartFailed:
    return StartFailed(stage, code, text, detail, what="worker")
