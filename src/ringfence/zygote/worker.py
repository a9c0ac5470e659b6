"""One process that is started for one guest, as the host holds it: where nothing can be forked.

The process is warm before it is told whose guest it is to be, so it can be started ahead of that.
It is told over its post (:mod:`.post`).
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from ringfence.errors import EngineFailure
from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.child import start_child
from ringfence.zygote.endings import Record
from ringfence.zygote.launch import START_SECONDS, StartFailed, ZygoteConfig
from ringfence.zygote.post import receive_message, send_message
from ringfence.zygote.signals import KILL
from ringfence.zygote.starting import make_pair
from ringfence_guest.readiness import POLLIN, await_one

__all__ = ["Worker"]


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
        self._given: list[socket.socket] = []
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
                self._child = start_child(config, theirs)
        except BaseException:
            self._post.close()
            raise
        self.pid = self._child.pid
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
        self._await_word(START_SECONDS)
        said = self._hear()
        if "failed" in said:
            self._failure = _failed(said["failed"], said["errno"], said["error"], said["traceback"])
            raise self._failure
        self._ready = True

    def begin(self, limits: GuestLimits, given: Sequence[int]) -> None:
        """Tell it which guest it is; does not wait until it is warm.

        Args:
            limits: of the guest.
            given: the descriptors of the guest's sockets.

        Raises:
            OSError: it has ended, or it cannot be told.
        """
        # On macOS a socket that is closed before it was received may be lost: copies are kept until
        # it has them.
        for descriptor in given:
            self._given.append(_copy(descriptor))
        self._child.bound(limits)
        message = {"limits": astuple(limits), "sockets": len(given)}
        send_message(self._post, message, self._given, self.pid)
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
        return await_one(descriptor, POLLIN, timeout)

    def _give_back(self) -> None:
        given, self._given = self._given, []
        for one in given:
            one.close()

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
            self._failure = _failed("start", None, f"the process {self._child.describe_end()}")
            raise self._failure
        return said

    # --- its end ---------------------------------------------------------------------------

    @property
    def record(self) -> Record | None:
        """How it ended, if it has, as far as is known."""
        record = self._child.record
        return record and record._replace(cpu=record.cpu - (self.before or 0.0))

    def signal(self, what: int) -> None:
        """Send it a signal; one that is gone is no error."""
        self._child.signal(what)

    def kill(self) -> None:
        """End it; does not wait."""
        self._child.signal(KILL)

    def await_end(self, timeout: float) -> bool:
        """Wait until it has ended, and reap it; False if it has not."""
        return self._child.await_end(timeout)

    def close(self) -> None:
        """Let go of it: it ends, if it has not, for nobody holds its sockets any more."""
        self._give_back()
        self._post.close()
        self._child.close()

    def drop_after_fork(self) -> None:
        """In a forked child: it is the parent's."""
        self._reading = threading.Lock()
        self._child.drop_after_fork()
        self.close()


def _copy(descriptor: int) -> socket.socket:
    """Another socket that is the same."""
    known = socket.socket(fileno=descriptor)
    try:
        known.setblocking(True)  # a guest's blocks, whatever the host's own are by default
        return known.dup()
    finally:
        known.detach()


def _failed(stage: str, code: int | None, text: str, detail: str = "") -> StartFailed:
    return StartFailed(stage, code, text, detail, what="worker")
