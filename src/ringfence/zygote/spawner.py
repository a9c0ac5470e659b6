"""Forks guests from the warm process, and tells the host what became of them (:mod:`.control`).

The zygote never blocks on a send: what the host does not read is queued, and of the oldest exits
only the numbers are kept when the queue is long.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from ringfence.jail import libc
from ringfence.jail.confinement import Confinement, Steps
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.zygote.control import KILL, REQUEST
from ringfence.zygote.program import Program
from ringfence.zygote.shortage import explain_shortage

__all__ = ["Spawner"]

_MOST_EXITS = 4_096
_MOST_STEPS = 64
_EXITS_PER_MESSAGE = 256
_LOST_PER_MESSAGE = 1_024
_INT = struct.Struct("i")
_NOT_CONFINED = 70
_COMPLAINT = 512  # bytes, written and read at once: pipe(7)
_FULL = (
    "the zygote has too many open files; raise the hard limit of open files (ulimit -Hn) before "
    "the first sandbox, or close sandboxes"
)


class Spawner:
    """The loop of the zygote.

    Args:
        control: the socket to the host, non-blocking by the time of :meth:`serve`.
        profile: the jail.
        proc: a descriptor of /proc.
        ruleset: the Landlock ruleset of guests, or -1.
        program: what guests run, warm.
        data: VmData of the warm process.
        address_space: VmSize of the warm process.
    """

    def __init__(
        self,
        control: socket.socket,
        profile: Profile,
        proc: int,
        ruleset: int,
        program: Program,
        *,
        data: int,
        address_space: int,
    ) -> None:
        self._control = control
        self._program = program
        self._proc = proc
        self._confinement = Confinement(
            profile,
            proc,
            ruleset,
            data=data,
            address_space=address_space,
            descriptors=program.descriptors + program.own_descriptors,
        )
        self._pid_namespace = (
            os.open("self/ns/pid", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
            if profile.namespaces
            else -1
        )
        self._confinement.rehearse()
        self._become_guest = self._rehearsed_guest()
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._mask = select.EPOLLIN
        self._live: dict[int, tuple[int, int, list[Any]]] = {}
        self._replies: deque[list[Any]] = deque()  # of [message, descriptor or -1]
        self._exits: deque[tuple[int, bytes]] = deque()
        self._lost: list[int] = []
        # What went wrong in a guest that could not confine itself; it closes this with all others.
        self._complaints, self._complain = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._heard: dict[int, str] = {}
        self._settled = False
        self._steps: dict[bytes, tuple[Steps, GuestLimits]] = {}
        self._most_rights = socket.CMSG_SPACE(_INT.size * program.descriptors)
        if profile.namespaces:
            threading.main_thread()._native_id = 1  # type: ignore[attr-defined]

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message."""
        self._replies.append([json.dumps(message).encode(), -1])
        self._flush()

    def serve(self) -> NoReturn:
        """Fork a guest for every request until the host is gone."""
        control = self._control.fileno()
        while True:
            for fd, event in self._poll.poll():
                if fd != control:
                    self._reap(fd)
                elif event & ~select.EPOLLOUT:
                    self._receive()
            self._flush()

    # --- out -------------------------------------------------------------------------------

    def _flush(self) -> None:
        try:
            while self._replies:
                data, fd = self._replies[0]
                ancillary = (
                    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", fd))]
                    if fd >= 0
                    else []
                )
                self._control.sendmsg([data], ancillary)
                self._replies.popleft()
            while self._exits or self._lost:
                count = min(len(self._exits), _EXITS_PER_MESSAGE)
                records = b",".join([self._exits[place][1] for place in range(count)])
                lost = b""
                if self._lost:
                    lost = b"%b" % str(self._lost[:_LOST_PER_MESSAGE]).encode()[1:-1]
                self._control.send(b'{"exits":[%b],"lost":[%b]}' % (records, lost))
                for _ in range(count):
                    self._exits.popleft()
                if lost:
                    del self._lost[:_LOST_PER_MESSAGE]
        except BlockingIOError:
            pass
        except OSError:
            os._exit(0)
        unsent = self._replies or self._exits or self._lost
        mask = select.EPOLLIN | (select.EPOLLOUT if unsent else 0)
        if mask != self._mask:
            self._poll.modify(self._control, mask)
            self._mask = mask

    def _reap(self, pidfd: int) -> None:
        self._poll.unregister(pidfd)
        number, pid, reply = self._live.pop(pidfd)
        # If it was not announced yet: a host that never reads must cost no descriptor.
        reply[:] = b'{"id":%d,"ended":true}' % number, -1
        os.close(pidfd)
        _, status, used = os.wait4(pid, 0)
        cpu = used.ru_utime + used.ru_stime
        error = b"null"
        if status == _NOT_CONFINED << 8:
            error = json.dumps(self._complaint(number)).encode()
        record = b"[%d,%d,%.6f,%d,%b]" % (number, status, cpu, used.ru_maxrss * 1024, error)
        self._exits.append((number, record))
        if len(self._exits) > _MOST_EXITS:
            self._lost.append(self._exits.popleft()[0])

    def _complaint(self, number: int) -> str | None:
        """What a guest said that could not confine itself. Others may have spoken before it, and be
        reaped after it.
        """
        while True:
            try:
                data = os.read(self._complaints, _COMPLAINT)
            except BlockingIOError:
                break
            guest, _, text = data.rstrip(b"\0").partition(b" ")
            self._heard[int(guest)] = text.decode(errors="replace")
        own = self._heard.pop(number, None)
        live = {number for number, _, _ in self._live.values()}
        self._heard = {guest: text for guest, text in self._heard.items() if guest in live}
        return own

    # --- in --------------------------------------------------------------------------------

    def _receive(self) -> None:
        try:
            data, ancillary, _, _ = self._control.recvmsg(4_096, self._most_rights)
        except BlockingIOError:
            return
        except OSError:
            os._exit(0)
        if not data:
            os._exit(0)  # the host is gone; pid 1 takes the guests with it
        number = int.from_bytes(data[:8], "little")
        if len(data) == KILL.size:
            self._kill(number)
            return
        given: list[int] = []
        for _, _, rights in ancillary:
            given += memoryview(rights).cast("i")
        try:
            if len(given) < self._program.descriptors:  # the kernel had none to give
                self.send({"id": number, "error": _FULL})
                return
            steps, limits = self._steps.get(data[8:]) or self._make_steps(data)
            self._spawn(number, steps, limits, given)
        except OSError as error:
            why = explain_shortage(error.errno, error.strerror)
            self.send({"id": number, "error": why})
        finally:
            for fd in given:
                os.close(fd)

    def _kill(self, number: int) -> None:
        for pidfd, (known, _, _) in self._live.items():
            if known == number:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def _make_steps(self, request: bytes) -> tuple[Steps, GuestLimits]:
        if len(self._steps) >= _MOST_STEPS:
            self._steps.clear()
        limits = GuestLimits(*REQUEST.unpack(request)[1:])
        steps = self._confinement.steps(self._program.process_limits(limits))
        self._steps[request[8:]] = steps, limits
        return steps, limits

    def _spawn(self, number: int, steps: Steps, limits: GuestLimits, given: list[int]) -> None:
        become = self._become_guest
        if not self._settled:
            self._settled = True
            self._program.settle()
        if self._pid_namespace >= 0:
            libc.unshare(libc.CLONE_NEWPID)
        try:
            pid = libc.bare_fork()  # one thread: checked at the start
            if pid == 0:
                become(number, steps, limits, given)
        finally:
            if self._pid_namespace >= 0:
                libc.setns(self._pid_namespace, libc.CLONE_NEWPID)
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # no descriptor: nobody could end the guest
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        reply = [b'{"id":%d}' % number, pidfd]
        self._live[pidfd] = (number, pid, reply)
        self._poll.register(pidfd, select.EPOLLIN)
        self._replies.append(reply)
        self._flush()
        self._program.reseed()  # for the next guest, while the host already works with this one

    def _rehearsed_guest(self) -> Callable[[int, Steps, GuestLimits, list[int]], NoReturn]:
        """What a fork becomes a guest by: all that it needs is at hand, for to look a name up is to
        write to pages.
        """
        enter, serve, enable = self._confinement.enter, self._program.serve, gc.enable
        open_own = self._program.open_own if self._program.own_descriptors else None
        proc, complain, leave = self._proc, self._complain_and_leave, os._exit

        def become(number: int, steps: Steps, limits: GuestLimits, given: list[int]) -> NoReturn:
            try:
                if open_own is not None:
                    given += open_own(proc)
                enter(steps, given)
            except BaseException as error:  # a guest that is not confined must not live
                complain(number, error)
            try:
                enable()
                serve(limits)
            finally:
                leave(_NOT_CONFINED)

        return become

    def _complain_and_leave(self, number: int, error: BaseException) -> NoReturn:
        """Tell the zygote why. Once descriptors are closed nothing can be told any more, to the
        benefit of the guest's code, which cannot tell anything either.
        """
        try:
            why: object = error
            if isinstance(error, OSError):
                why = explain_shortage(error.errno, error.strerror)
            text = f"{number} it could not be confined: {why}".encode()[:_COMPLAINT]
            os.write(self._complain, text.ljust(_COMPLAINT, b"\0"))
        finally:
            os._exit(_NOT_CONFINED)
