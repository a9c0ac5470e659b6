"""The process of a guest on Windows: in a job of its own, which ends it with its host."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading

assert sys.platform == "win32"  # what is below is for that system alone; checkers know it by this

from ringfence.jail.guest_limits import GuestLimits, process_seconds
from ringfence.system.windows_jobs import Job, continue_process, stop_process, used_by_process
from ringfence.zygote.endings import Record, ending_of_code
from ringfence.zygote.launch import HOME, StartFailed, ZygoteConfig
from ringfence.zygote.signals import CONTINUE, KILL, STOP

__all__ = ["WindowsChild"]

_BOOT = (
    "import sys,socket;post=socket.fromshare(sys.stdin.buffer.read());sys.path[:0]=sys.argv[1:];"
    "from ringfence.zygote.worker_main import main;main(post)"
)
_NEEDED = ("SYSTEMROOT", "PROCESSOR_ARCHITECTURE", "PROCESSOR_ARCHITEW6432")
"""Of this process's environment. By the first Winsock finds its parts, by the others Python what
machine this is.
"""

_FLAGS = subprocess.DETACHED_PROCESS  # a hidden console would be a process more for each
_MOST_COMMITTED = 1 << 30  # bytes beyond a guest's own memory: the interpreter, the module's code


class WindowsChild:
    """See :class:`.child.Child` and :func:`.child.start_child`."""

    def __init__(self, config: ZygoteConfig, post: socket.socket) -> None:
        self._record: Record | None = None
        self._signalling = threading.RLock()
        self._stopped = False
        try:
            self._job = Job()
        except OSError as error:
            raise StartFailed("job", error.winerror, str(error), what="worker") from error
        try:
            self._process = _launch(config, self._job, post)
        except BaseException:
            self._job.close()
            raise
        self.pid = self._process.pid
        # It is closed with this object, and until then the number is that of this process.
        self._handle = _handle_of(self._process)

    @property
    def record(self) -> Record | None:
        return self._record

    def bound(self, limits: GuestLimits) -> None:
        self._job.bound(
            memory=limits.memory + _MOST_COMMITTED,
            seconds=process_seconds(limits) + int(used_by_process(self._handle).cpu) + 1,
        )

    def signal(self, what: int) -> None:
        if self._process.poll() is not None:
            return
        with self._signalling, contextlib.suppress(OSError):  # it has ended meanwhile
            if what == KILL:
                self._process.kill()
            elif what == STOP and not self._stopped:
                try:
                    stop_process(self._handle)
                except OSError:  # one that would compute between its turns has no next one
                    self._process.kill()
                    return
                self._stopped = True
            elif what == CONTINUE and self._stopped:
                self._stopped = False
                continue_process(self._handle)

    def await_end(self, timeout: float) -> bool:
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        if self._record is None:
            used = used_by_process(self._handle)
            self._record = Record(ending_of_code(code), used.cpu, used.memory)
        return True

    def describe_end(self) -> str:
        if not self.await_end(1.0) or self._record is None:
            return "closed its socket"
        return self._record.ending.message.removeprefix("the guest process ")

    def close(self) -> None:
        self._job.close()

    def drop_after_fork(self) -> None:
        """Windows does not fork."""


def _launch(config: ZygoteConfig, job: Job, post: socket.socket) -> subprocess.Popen[bytes]:
    command = [*config.command, "-c", _BOOT, HOME, *config.boot_path]
    needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=needed | dict(config.environment),
            cwd=os.path.abspath(os.sep),
            creationflags=_FLAGS,
        )
    except OSError as error:
        raise _failed("start", error, f"{command[0]}: {error.strerror}") from error
    try:
        try:
            job.take(_handle_of(process))
        except OSError as error:
            raise _failed("job", error, str(error)) from error
        try:
            assert process.stdin is not None
            with process.stdin as told:
                told.write(post.share(process.pid))
        except OSError as error:
            if process.poll() is None:  # or its post will tell that it has ended
                raise _failed("start", error, str(error)) from error
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


def _handle_of(process: subprocess.Popen[bytes]) -> int:
    """The one that Popen holds: by its number another process might be found."""
    return int(process._handle)  # type: ignore[attr-defined]  # typeshed leaves it out


def _failed(stage: str, error: OSError, text: str) -> StartFailed:
    return StartFailed(stage, error.errno, text, what="worker")
