"""A zygote, as the host holds it: the process, its control socket, and the guests it forked."""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Any

import ringfence
from ringfence._engines.native.guest import NativeGuest
from ringfence._engines.native.spawner import REQUEST
from ringfence.errors import EngineFailure
from ringfence.jail.cgroups import CpuShare
from ringfence.jail.profile import Profile
from ringfence.jail.rlimits import GuestLimits

__all__ = ["StartFailed", "ZygoteConfig", "ZygoteProcess"]

_START_SECONDS = 120.0
_REPLY_SECONDS = 20.0
_BOOT = (
    "import os,sys;real=os.register_at_fork;os.register_at_fork=lambda **hooks:None;"
    "sys.path[:0]=sys.argv[1:];"
    "from ringfence._engines.native.zygote import main;main()"
)
# Fork hooks of the standard library (random, threading, logging, …) are not registered in a zygote:
# it has one thread and holds no lock when it forks, and they would cost every guest 0.2 ms.


class StartFailed(EngineFailure):
    """A zygote could not be started.

    Attributes:
        stage: where: ``namespaces``, ``landlock``, ``seccomp``, ``packages``, …
        errno: the kernel's answer, if it was a system call.
        detail: the traceback inside the zygote.
    """

    def __init__(self, stage: str, code: int | None, text: str, detail: str = "") -> None:
        super().__init__(f"the zygote failed at {stage}: {text}")
        self.stage = stage
        self.errno = code
        self.text = text
        self.detail = detail


@dataclass(frozen=True)
class ZygoteConfig:
    """What a zygote is started with.

    Attributes:
        command: the interpreter and its options, up to ``-c``.
        environment: of the process; the guests' own is made inside.
        profile: the jail.
        imports: what to import before the first guest.
        sys_path: where packages are found.
    """

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    profile: Profile
    imports: tuple[str, ...]
    sys_path: tuple[str, ...]


class _Spawned:
    __slots__ = ("error", "limits", "pidfd", "record")

    def __init__(self, limits: GuestLimits) -> None:
        self.limits = limits
        self.pidfd: int | None = None
        self.error: OSError | None = None
        self.record: tuple[int, float, int] | None = None

    def is_settled(self) -> bool:
        """Whether the zygote has said what became of the request."""
        return self.pidfd is not None or self.error is not None


class ZygoteProcess:
    """Starts a zygote and talks to it; usable from any thread.

    Raises:
        StartFailed: the jail could not be built, or a package could not be imported.
    """

    def __init__(self, config: ZygoteConfig) -> None:
        self.config = config
        self.owner = os.getpid()
        self.users = 0
        self.retired = False
        self._lock = threading.RLock()
        self._spawned: dict[int, _Spawned] = {}
        self._next = 0
        self._dead = False
        source = os.path.dirname(os.path.dirname(os.path.abspath(ringfence.__file__)))
        try:
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise EngineFailure(f"no socket for a zygote: {error.strerror}") from error
        self._control = here
        with there:
            self._process = self._start(there, source)
        try:
            self.info = self._introduce(source)
        except BaseException:
            self.close()
            raise
        self._poll = select.poll()
        self._poll.register(here, select.POLLIN)
        _open_zygotes.add(self)

    def _start(self, there: socket.socket, source: str) -> subprocess.Popen[bytes]:
        command = [*self.config.command, "-c", _SHIFT + _BOOT, str(there.fileno()), source]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(self.config.environment),
                pass_fds=(there.fileno(),),
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            self._control.close()
            raise StartFailed("start", error.errno, f"{command[0]}: {error.strerror}") from error

    def _introduce(self, source: str) -> dict[str, Any]:
        import ringfence_guest

        message = {
            "profile": self.config.profile.to_json(),
            "imports": self.config.imports,
            "sys_path": self.config.sys_path,
            "boot_path": [source],
            "guest_home": os.path.dirname(
                os.path.dirname(os.path.abspath(ringfence_guest.__file__))
            ),
        }
        control = self._control
        data = json.dumps(message).encode()
        control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(212_992, 2 * len(data)))
        control.settimeout(_START_SECONDS)
        try:
            control.send(data)
            answer = control.recv(65_536)
        except TimeoutError:
            raise StartFailed("start", None, f"no answer within {_START_SECONDS:g} s") from None
        except OSError as error:
            raise StartFailed("start", error.errno, str(error.strerror)) from None
        if not answer:
            code = self._process.wait()
            raise StartFailed("start", None, f"the process ended with code {code}")
        info: dict[str, Any] = json.loads(answer)
        if "failed" in info:
            raise StartFailed(info["failed"], info["errno"], info["error"], info["traceback"])
        control.settimeout(None)
        return info

    # --- guests ----------------------------------------------------------------------------

    def spawn(self, limits: GuestLimits, share: CpuShare | None = None) -> NativeGuest:
        """Ask for a guest; does not wait for it.

        Raises:
            EngineFailure: no descriptor, or the zygote is gone. A fork that failed shows when the
                guest is used: its channel ends, and :meth:`exit_record` raises.
        """
        try:
            here, there = socket.socketpair()
        except OSError as error:
            raise EngineFailure(f"no socket for a guest: {error.strerror}") from error
        with there, self._lock:
            self._check()
            number = self._next
            self._next += 1
            self._spawned[number] = _Spawned(limits)
            request = REQUEST.pack(
                number,
                limits.memory,
                limits.disk,
                limits.files,
                limits.threads,
                limits.cpu,
                limits.once,
            )
            fds = array.array("i", [there.fileno()])
            try:
                self._control.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            except OSError as error:
                here.close()
                del self._spawned[number]
                self._dead = True
                raise EngineFailure(f"the zygote is gone: {error.strerror}") from error
        return NativeGuest(self, number, here, share)

    def _check(self) -> None:
        if self.owner != os.getpid():
            raise EngineFailure("this zygote belongs to the process before a fork")
        if self._dead:
            raise EngineFailure("the zygote is gone")

    def pidfd(self, number: int) -> int | None:
        """The guest's pidfd; waits for the zygote's reply. None when it never lived or is gone."""
        with self._lock:
            entry = self._spawned.get(number)
            if entry is None or self.owner != os.getpid():
                return None
            if entry.pidfd is None:
                self._pump(entry.is_settled)
            return entry.pidfd

    def exit_record(self, number: int, timeout: float) -> tuple[int, float, int] | None:
        """(wait status, CPU seconds, largest resident bytes) of an ended guest, or None.

        Raises:
            EngineFailure: it never lived, because the zygote could not fork.
        """
        self.pidfd(number)
        with self._lock:
            entry = self._spawned.get(number)
            if entry is None or self.owner != os.getpid():
                return None
            if entry.error is not None:
                raise EngineFailure(
                    f"no process for a guest: {entry.error.strerror}; the machine is out of "
                    "memory or processes"
                ) from entry.error
            self._pump(lambda: entry.record is not None, timeout)
            return entry.record

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

    @property
    def guests(self) -> int:
        """How many guests were started and not closed."""
        return len(self._spawned)

    def _pump(self, ready: Any, timeout: float = _REPLY_SECONDS) -> None:
        """Read the control socket until ``ready()``. The lock is held."""
        until = time.monotonic() + timeout
        while not ready() and not self._dead:
            left = until - time.monotonic()
            if not self._poll.poll(max(0, int(left * 1000) + 1 if timeout else 0)):
                return
            self._read_one()

    def drain(self) -> None:
        """Read what has arrived."""
        with self._lock:
            while not self._dead and self._poll.poll(0):
                self._read_one()

    def _read_one(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 65_536, 1)
        except OSError:
            data, fds = b"", []
        if not data:
            self._dead = True
            return
        message = json.loads(data)
        for number, status, cpu, memory in message.get("exits", ()):
            entry = self._spawned.get(number)
            if entry is not None:
                entry.record = (status, cpu, memory)
        if "id" in message:
            entry = self._spawned.get(message["id"])
            if "error" in message:
                if entry is not None:
                    entry.error = OSError(message["errno"], message["error"])
            elif entry is not None:
                entry.pidfd = fds.pop()
        for fd in fds:  # a guest that was closed before its pidfd came
            try:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(fd)

    # --- the end ---------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether it can fork guests, as far as is known without asking."""
        return not self._dead and self.owner == os.getpid()

    def close(self) -> None:
        """End the zygote and every guest it forked. Waits until the process is reaped."""
        with self._lock:
            self._dead = True
            for number in list(self._spawned):
                self.forget(number)
            self._control.close()
        _open_zygotes.discard(self)
        if self.owner != os.getpid():
            return
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def drop_after_fork(self) -> None:
        """In a forked child: close the descriptors, leave the zygote to the parent."""
        self._lock = threading.RLock()
        self._dead = True
        for entry in self._spawned.values():
            if entry.pidfd is not None:
                os.close(entry.pidfd)
        self._spawned.clear()
        self._control.close()
        self._process.returncode = 0  # not this process's child


_SHIFT = (
    "import os,sys;fd=int(sys.argv.pop(1));fd==3 or os.dup2(fd,3,inheritable=False);"
    "fd==3 or os.close(fd);os.set_inheritable(3,False);"
)

_open_zygotes: weakref.WeakSet[ZygoteProcess] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for zygote in list(_open_zygotes):
        zygote.drop_after_fork()
    _open_zygotes.clear()


os.register_at_fork(after_in_child=_drop_all_after_fork)
