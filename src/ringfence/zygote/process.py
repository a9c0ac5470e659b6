"""A zygote, as the host holds it: the process, its control socket, and the guests it forked."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import struct
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ringfence.errors import EngineFailure
from ringfence.jail.guest_limits import GuestLimits
from ringfence.system.forks import call_in_forked_children
from ringfence.zygote.control import KILL, REQUEST
from ringfence.zygote.endings import Record, ending_of_status
from ringfence.zygote.launch import StartFailed, ZygoteConfig, introduce, launch
from ringfence.zygote.shortage import explain_shortage
from ringfence.zygote.spares import Spares
from ringfence.zygote.vitals import LinuxVitals

__all__ = ["ZygoteProcess"]

_REPLY_SECONDS = 20.0
_END_SECONDS = 10.0
_INT = struct.Struct("i")
_RIGHTS_SPACE = socket.CMSG_SPACE(_INT.size)
# Errors of sending that say nothing about the receiver. ETOOMANYREFS: too many descriptors of an
# ordinary user are under way.
_TRANSIENT = (errno.ENOMEM, errno.ENOBUFS, errno.ETOOMANYREFS, errno.EMFILE, errno.ENFILE)


class _Spawned:
    __slots__ = ("ended", "error", "limits", "pidfd", "record", "replied")

    def __init__(self, limits: GuestLimits) -> None:
        self.limits = limits
        self.pidfd: int | None = None
        self.error: str | None = None
        self.record: tuple[int, float, int] | None = None
        self.replied = False
        self.ended = False

    def is_settled(self) -> bool:
        """Whether the zygote has said what became of the request."""
        return self.replied or self.ended

    def is_over(self) -> bool:
        """Whether the guest has ended, or never lived."""
        return self.ended or self.error is not None

    def refuse_stillborn(self) -> None:
        """Raise EngineFailure if the guest never lived."""
        if self.error is not None:
            raise EngineFailure(f"no process for a guest: {self.error}")


class ZygoteProcess:
    """Starts a zygote and talks to it; usable from any thread.

    Args:
        config: what it is to be.
        when_unused: called when it is retired and its last guest was closed.

    Attributes:
        spares: room for guests that are forked ahead of time.

    Raises:
        StartFailed: the jail could not be built, or a package could not be imported.
    """

    def __init__(self, config: ZygoteConfig, when_unused: Callable[[], None]) -> None:
        self.config = config
        self._when_unused = when_unused
        self.owner = os.getpid()
        self.users = 0
        self.retired = False
        self.spares: Spares[Any] = Spares()
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._reading = False
        self._spawned: dict[int, _Spawned] = {}
        self._next = 0
        self._dead = False
        self._process: subprocess.Popen[bytes] | None = None
        try:
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise StartFailed("start", error.errno, f"no socket: {error.strerror}") from error
        self._control = here
        self._poll = select.poll()
        self._poll.register(here, select.POLLIN)
        _open_zygotes.add(self)  # before it starts: a fork in another thread must not keep `here`
        try:
            with there:
                self._process = launch(config, there)
            self.info = introduce(config, here, self._process)
            here.settimeout(_REPLY_SECONDS)
        except BaseException:
            self.close(at_once=True)
            raise

    # --- guests ----------------------------------------------------------------------------

    def spawn(self, limits: GuestLimits, given: Sequence[int] = ()) -> tuple[int, socket.socket]:
        """Ask for a guest; does not wait for it.

        Args:
            limits: of this guest.
            given: descriptors that it gets besides its channel; they stay the caller's to close.

        Returns:
            the number of the guest, and the host's end of its channel.

        Raises:
            EngineFailure: no descriptor, or the zygote is gone. A fork that failed shows when the
                guest is used: its channel ends, and :meth:`exit_record` raises.
        """
        try:
            here, there = socket.socketpair()
            there.setblocking(True)  # unless the program has a timeout for all of its sockets
        except OSError as error:
            why = explain_shortage(error.errno)
            raise EngineFailure(f"no socket for a guest: {why}") from error
        with there, self._lock:
            number = self._next
            request = REQUEST.pack(
                number,
                limits.memory,
                limits.disk,
                limits.files,
                limits.threads,
                limits.cpu,
                limits.once,
            )
            try:
                self._send(request, (there.fileno(), *given))
            except BaseException:
                here.close()
                raise
            self._next += 1
            self._spawned[number] = _Spawned(limits)
        return number, here

    def _send(self, data: bytes, given: Sequence[int] = ()) -> None:
        """Tell the zygote. The lock is held.

        Raises:
            EngineFailure: it is gone, or the kernel has no memory for the message.
        """
        if self.owner != os.getpid():
            raise EngineFailure("this zygote belongs to the process before a fork")
        if self._dead:
            raise EngineFailure("the zygote is gone")
        rights: tuple[tuple[int, int, bytes], ...] = ()
        if given:
            packed = b"".join(map(_INT.pack, given))
            rights = ((socket.SOL_SOCKET, socket.SCM_RIGHTS, packed),)
        try:
            self._control.sendmsg((data,), rights)
        except TimeoutError:
            self._give_up()
            raise EngineFailure("the zygote does not answer; it was ended") from None
        except OSError as error:
            if error.errno in _TRANSIENT:
                why = explain_shortage(error.errno)
                raise EngineFailure(f"no message to the zygote: {why}") from error
            self._dead = True
            raise EngineFailure(f"the zygote is gone: {error.strerror}") from error

    def host_pid(self, number: int) -> int | None:
        """The guest's pid as this process sees it; waits for the zygote's reply. None when it is
        gone.

        Raises:
            EngineFailure: it never lived, or this process has no descriptor left to find out.
        """
        with self._lock:
            entry = self._await_reply(number)
            if entry is None:
                return None
            entry.refuse_stillborn()
            if entry.pidfd is None:
                return None
            try:
                pid = _pid_of(entry.pidfd)
            except OSError as error:
                why = explain_shortage(error.errno, f"{error.strerror} ({error.filename})")
                raise EngineFailure(f"a guest's process cannot be looked at: {why}") from error
            return pid if pid > 0 else None

    def vitals(self, number: int) -> LinuxVitals | None:
        """What tells what the guest uses; waits for the zygote's reply. None when it is gone.

        Raises:
            EngineFailure: as :meth:`host_pid`.
        """
        pid = self.host_pid(number)
        return None if pid is None else LinuxVitals(pid, scratch=self.config.profile.scratch)

    def send_signal(self, number: int, what: int) -> None:
        """Send a guest a signal; one that is gone is no error.

        SIGKILL never waits: when the zygote has not replied yet, it is asked to do it.
        """
        with self._lock:
            entry = self._spawned.get(number)
            if entry is None or self.owner != os.getpid():
                return
            if entry.pidfd is None and what == signal.SIGKILL:
                self._kill_unseen(number)
                return
            entry = self._await_reply(number)
            if entry is not None and entry.pidfd is not None:
                try:
                    # Under the lock: nobody closes the descriptor meanwhile, and no other guest's
                    # gets its number.
                    signal.pidfd_send_signal(entry.pidfd, what)
                except ProcessLookupError:
                    pass  # it ended by itself

    def _kill_unseen(self, number: int) -> None:
        try:
            self._send(KILL.pack(number))
        except EngineFailure:
            # A zygote that is gone took its guests along. One that cannot be told must not be left
            # with a guest that nobody can end.
            if not self._dead:
                self._give_up()

    def exit_record(self, number: int, timeout: float) -> Record | None:
        """How a guest has ended, or None.

        Raises:
            EngineFailure: it never lived, because the zygote could not fork or confine it.
        """
        with self._lock:
            entry = self._await_reply(number)
            if entry is None:
                return None
            self._pump(entry.is_over, timeout)
            entry.refuse_stillborn()
            if entry.record is None:
                return None
            status, cpu, memory = entry.record
            return Record(ending_of_status(status), cpu, memory)

    def wait_for_end(self, number: int, timeout: float) -> None:
        """Wait until a guest that was killed is reaped."""
        with self._lock:
            entry = self._spawned.get(number)
            if entry is not None and self.owner == os.getpid():
                self._pump(entry.is_over, timeout)

    def cpu_backstop(self, number: int, cpu: float) -> bool:
        """Whether RLIMIT_CPU is what killed a guest that used ``cpu`` seconds."""
        entry = self._spawned.get(number)
        return entry is not None and cpu >= entry.limits.cpu

    def forget(self, number: int) -> None:
        """The guest is closed: its exit needs no record."""
        with self._lock:
            entry = self._spawned.pop(number, None)
            if entry is not None and entry.pidfd is not None and self.owner == os.getpid():
                os.close(entry.pidfd)
                entry.pidfd = None
            unused = self.retired and not self._spawned and not self._dead
        if unused:
            self._when_unused()

    @property
    def guests(self) -> int:
        """How many guests were started and not closed, beside the spare ones."""
        return len(self._spawned) - len(self.spares)

    # --- news from the zygote --------------------------------------------------------------

    def _await_reply(self, number: int) -> _Spawned | None:
        """What is known of a guest, once the zygote has replied. The lock is held."""
        entry = self._spawned.get(number)
        if entry is None or self.owner != os.getpid():
            return None
        if not entry.is_settled():
            self._pump(entry.is_settled, _REPLY_SECONDS)
            if not entry.is_settled() and not self._dead:
                self._give_up()
        return entry

    def _pump(self, ready: Callable[[], bool], timeout: float) -> None:
        """Read the control socket until ``ready()``. The lock is held, once.

        One thread at a time waits on the socket, and without the lock: a guest that makes its own
        thread wait (it closed its channel, but lives) keeps no other from its guest.
        """
        until = time.monotonic() + timeout
        while not ready() and not self._dead:
            left = until - time.monotonic()
            if self._reading:
                if left <= 0 or not self._news.wait(left):
                    return
                continue
            self._reading = True
            self._lock.release()
            try:
                arrived = self._poll.poll(max(0, int(left * 1000) + 1) if timeout else 0)
            finally:
                self._lock.acquire()
                self._reading = False
            if arrived and not self._dead:
                self._read_one()
            self._news.notify_all()
            if not arrived:
                return

    def _read_one(self) -> None:
        try:
            data, rights, _, _ = self._control.recvmsg(
                65_536, _RIGHTS_SPACE, socket.MSG_CMSG_CLOEXEC
            )
        except OSError:
            data, rights = b"", []
        fds = [_INT.unpack(content)[0] for _, _, content in rights]
        if not data:
            self._dead = True
            return
        message = json.loads(str(data, "ascii"))
        for number, status, cpu, memory, error in message.get("exits", ()):
            entry = self._spawned.get(number)
            if entry is not None:
                entry.record, entry.error, entry.ended = (status, cpu, memory), error, True
        for number in message.get("lost", ()):
            entry = self._spawned.get(number)
            if entry is not None:
                entry.ended = True
        if "id" in message:
            self._settle(message, fds)
        for fd in fds:  # of a guest that was closed before it came
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)

    def _settle(self, message: dict[str, Any], fds: list[int]) -> None:
        number = message["id"]
        entry = self._spawned.get(number)
        if entry is None:
            return
        entry.replied = True
        if "error" in message:
            entry.error = message["error"]
        elif fds:
            entry.pidfd = fds.pop()
        elif not message.get(
            "ended"
        ):  # the kernel had no descriptor to give: a guest that cannot be reached must not run
            entry.error = explain_shortage(errno.EMFILE, "this process has too many open files")
            self._kill_unseen(number)

    # --- the end ---------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether it can fork guests, as far as is known without asking."""
        return not self._dead and self.owner == os.getpid()

    def _give_up(self) -> None:
        """It does not do its work: end it, and with it its guests. The lock is held."""
        self._dead = True
        if self._process is not None:
            self._process.kill()
        self._news.notify_all()

    def close(self, *, at_once: bool = False) -> None:
        """End the zygote and every guest it forked. Waits until the process is reaped.

        Args:
            at_once: kill it; otherwise it is told that nobody needs it any more.
        """
        if self.owner != os.getpid():
            return
        self.spares.close()
        with self._lock:
            self._dead = True
            for number in list(self._spawned):
                self.forget(number)
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)  # also wakes who waits on it
            self._control.close()
            self._news.notify_all()
        _open_zygotes.discard(self)
        process = self._process
        if process is None:
            return
        if at_once:
            process.kill()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def drop_after_fork(self) -> None:
        """In a forked child: close the descriptors, leave the zygote to the parent."""
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self.spares = Spares()
        self._dead = True
        for entry in list(self._spawned.values()):
            if entry.pidfd is not None:
                os.close(entry.pidfd)
        self._spawned.clear()
        self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # not this process's child


def _pid_of(pidfd: int) -> int:
    """The process that a pidfd refers to, as this process sees it; not positive when it is gone.
    The line ``Pid:`` of its fdinfo: proc_pid_fdinfo(5).
    """
    info = os.open(f"/proc/self/fdinfo/{pidfd}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = os.read(info, 1_024)
    finally:
        os.close(info)
    return int(text.partition(b"\nPid:")[2].partition(b"\n")[0])


_open_zygotes: weakref.WeakSet[ZygoteProcess] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for zygote in list(_open_zygotes):
        zygote.drop_after_fork()
    _open_zygotes.clear()


call_in_forked_children(_drop_all_after_fork)
