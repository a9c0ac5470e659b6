"""Test guests: the ports of :mod:`ringfence.engine` without any wall.

Three run the real agent: a process behind a socket pair, a process behind two pipes, a thread of
this process. They prove that the ports carry a guest that is not the native engine's, and they are
much easier to look into than a jail. They confine nothing, so they accept only a policy that names
``{"process"}``, which the default one does not.

:mod:`tests.support.peers` has a fourth: a script that says whatever a test wants.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

import ringfence
import ringfence_guest
from ringfence.engine import (
    Availability,
    Capabilities,
    Channel,
    Exit,
    Guest,
    ImageSpec,
    ResourceUse,
)
from ringfence.errors import PolicyNotEnforceable
from ringfence.model import Limits, Policy, WallSet
from ringfence_guest.agent import Agent
from ringfence_guest.channel import FdChannel
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.link import HostFunctionError, Link
from ringfence_guest.loop import LinkSelector
from ringfence_guest.output import make_text_stream
from ringfence_guest.protocol.framing import Frame

__all__ = [
    "NO_WALLS",
    "FdPairChannel",
    "PipeEngine",
    "SocketChannel",
    "SocketEngine",
    "TestEngine",
    "ThreadEngine",
]

NO_WALLS = Policy(walls=[{"process"}])
"""The policy that accepts these guests."""

_HOME = str(Path(ringfence_guest.__file__).parent.parent)
_EVERY_LIMIT = frozenset({"wall", "host_wall", "cpu", "output", "display", "calls", "value"})

_PROGRAM = """
import os, resource, sys
home, read, write, threads, memory = sys.argv[1:6]
sys.path.insert(0, home)
sys.argv[:] = [""]
from ringfence_guest.agent import Agent
from ringfence_guest.channel import FdChannel
if int(memory):
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
agent = Agent(FdChannel(int(read), int(write)), threads=threads == "yes")
agent.install()
agent.serve()
"""


class LendsNothing:
    """A channel of a guest that shares no memory: arrays of an arena come as copies."""

    def lend(self, descriptors: Sequence[int]) -> None:
        raise AssertionError("nothing can be lent over this channel")


class SocketChannel(LendsNothing):
    """One end of a socket pair."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self.end = end

    def fileno(self) -> int:
        return self.end.fileno()

    def send(self, buffers: list[memoryview]) -> int:
        return self.end.sendmsg(buffers)

    def receive(self, buffer: memoryview) -> int:
        return self.end.recv_into(buffer)

    def close(self) -> None:
        self.end.close()


class FdPairChannel(LendsNothing):
    """Two pipes behind the one descriptor that the port asks for: an epoll instance, which is
    readable when there is something to read, or room for what could not be written."""

    def __init__(self, read: int, write: int) -> None:
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        self._read, self._write = read, write
        self._epoll = select.epoll()
        self._epoll.register(read, select.EPOLLIN)
        self._watching = False

    def fileno(self) -> int:
        return self._epoll.fileno()

    def send(self, buffers: list[memoryview]) -> int:
        size = sum(map(len, buffers))
        sent = 0
        try:
            sent = os.writev(self._write, buffers)
        finally:
            if (sent < size) != self._watching:
                self._watching = sent < size
                if self._watching:
                    self._epoll.register(self._write, select.EPOLLOUT)
                else:
                    self._epoll.unregister(self._write)
        return sent

    def receive(self, buffer: memoryview) -> int:
        return os.readv(self._read, [buffer])

    def close(self) -> None:
        if self._read >= 0:
            self._epoll.close()
            os.close(self._read)
            os.close(self._write)
            self._read = self._write = -1


class TestEngine:
    """What the test engines share. ``started`` keeps every guest that was ever started."""

    __test__ = False
    name = "test"
    capabilities = Capabilities(walls=(frozenset({"process"}),), limits=_EVERY_LIMIT, threads=True)

    def __init__(self) -> None:
        self.started: list[Any] = []

    def availability(self) -> Availability:
        return Availability(self.capabilities.walls)

    def image(self, spec: ImageSpec) -> TestImage:
        if frozenset({"process"}) not in spec.policy.wall_sets:
            raise PolicyNotEnforceable(f"the {self.name} engine of the tests has no walls")
        return TestImage(self)

    def start(self, limits: Limits) -> Guest:
        raise NotImplementedError

    # --- what tests make with it ---

    def sandbox(self, **options: Any) -> ringfence.Sandbox:
        return ringfence.Sandbox(engine=self, policy=NO_WALLS, **options)

    def async_sandbox(self, **options: Any) -> ringfence.AsyncSandbox:
        return ringfence.AsyncSandbox(engine=self, policy=NO_WALLS, **options)


class TestImage:
    __test__ = False
    enforced: Mapping[str, str] = types.MappingProxyType({})
    walls: WallSet = frozenset({"process"})

    def __init__(self, engine: TestEngine) -> None:
        self._engine = engine
        self.alive = True

    def prepare(self, limits: Limits) -> None:
        pass

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        return {}

    def start(self, limits: Limits) -> Guest:
        guest = self._engine.start(limits)
        self._engine.started.append(guest)
        return guest

    def close(self) -> None:
        self.alive = False


# --- a process of its own ------------------------------------------------------------------


class ProcessGuest:
    shares_memory = False
    distance = 0.0
    meter = None

    """The agent in a plain subprocess."""

    def __init__(
        self, channel: SocketChannel | FdPairChannel, guest_ends: tuple[int, int], memory: int
    ) -> None:
        self.channel: Channel = channel
        self._close_channel = channel.close
        self._folder = tempfile.mkdtemp(prefix="ringfence-test-")
        arguments = [_HOME, *map(str, guest_ends), "yes", str(memory)]
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, *arguments],
            pass_fds=guest_ends,
            cwd=self._folder,
            env={},
            stdin=subprocess.DEVNULL,
        )
        for end in set(guest_ends):
            os.close(end)
        # The kernel's encoding of "CPU clock of that process"; clock_getcpuclockid(3).
        self._clock = (~self.process.pid << 3) | 2
        self.stops: list[str] = []

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        self.stops.append(how)
        self.process.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGKILL)

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def usage(self) -> ResourceUse:
        try:
            return ResourceUse(time.clock_gettime(self._clock), None)
        except OSError:
            return ResourceUse(None, None)

    def weight(self) -> int | None:
        return None

    def exit(self, timeout: float) -> Exit | None:
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        if code < 0:
            return Exit(signal.Signals(-code).name, f"ended by signal {-code}")
        return Exit("Exit", f"ended with exit code {code}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._close_channel()
        shutil.rmtree(self._folder, ignore_errors=True)


class SocketEngine(TestEngine):
    """A process behind a socket pair.

    Args:
        memory: bytes of address space that a guest may have; 0 is no limit.
    """

    name = "socket"

    def __init__(self, memory: int = 0) -> None:
        super().__init__()
        self._memory = memory

    def start(self, limits: Limits) -> ProcessGuest:
        ours, theirs = socket.socketpair()
        end = theirs.detach()
        return ProcessGuest(SocketChannel(ours), (end, end), self._memory)


class PipeEngine(TestEngine):
    """A process behind two pipes."""

    name = "pipe"

    def start(self, limits: Limits) -> ProcessGuest:
        their_read, our_write = os.pipe()
        our_read, their_write = os.pipe()
        return ProcessGuest(FdPairChannel(our_read, our_write), (their_read, their_write), 0)


# --- the same process ----------------------------------------------------------------------


class _Left(BaseException):
    """The host is gone: unwinds the guest's thread."""


class _ThreadInterrupts(Interrupts):
    """Interrupts without a signal: a trace function asks before each line of the guest's thread,
    where a signal handler would have run (``while True: pass`` has none: put a call into it)."""

    __slots__ = ("_wake", "killed", "wanted")

    def __init__(self) -> None:
        super().__init__()
        self.wanted = False
        self.killed = False

    def install(self) -> None:
        sys.settrace(self._trace)

    def _trace(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        self.look()
        return self._trace

    def look(self) -> None:
        if self.killed:
            raise _Left
        if self.wanted:
            self.wanted = False
            self.interrupt()


class _WakingChannel(FdChannel):
    """A channel whose waiting an interrupt ends, as EINTR ends a system call."""

    __slots__ = ("_interrupts", "_wake")

    def __init__(self, fd: int, wake: int, interrupts: _ThreadInterrupts) -> None:
        super().__init__(fd)
        self._poll.register(wake, select.POLLIN)
        self._wake = wake
        self._interrupts = interrupts

    def wait(self, timeout: float | None) -> bool:
        while True:
            ready = self._poll.poll(None if timeout is None else max(0, timeout * 1000))
            if (self._wake, select.POLLIN) not in ready:
                return bool(ready)
            os.read(self._wake, 8)
            self._interrupts.look()


class _ThreadAgent(Agent):
    """The agent without what belongs to a whole process: its program has builtins of its own, and
    ``sys``, signals and the event loop policy stay as they are. Not for ``stdin``, ``modules`` and
    ``files``."""

    def __init__(self, fd: int, wake: int) -> None:
        interrupts = _ThreadInterrupts()
        self.interrupts: _ThreadInterrupts

        def leave() -> NoReturn:
            raise _Left

        super().__init__(_WakingChannel(fd, wake, interrupts), leave=leave)
        self._wake = wake
        self.interrupts = self.link.interrupts = interrupts

    def install(self) -> None:
        self._builtins = types.ModuleType("builtins")
        vars(self._builtins).update(vars(builtins))
        stdout = make_text_stream(self._stdout)

        def printed(*values: Any, file: Any = None, **options: Any) -> None:
            print(*values, file=stdout if file is None else file, **options)

        def imported(name: str, *arguments: Any, **options: Any) -> Any:
            return (
                self._host if name == "host" else builtins.__import__(name, *arguments, **options)
            )

        self._lend("print", printed)
        self._lend("__import__", imported)
        self._lend("display", self._displays.display)
        self._lend("progress", self._progress)
        self._lend("HostFunctionError", HostFunctionError)
        self._namespace["__builtins__"] = self._builtins
        self._loop_factory = _loop_factory(self.link, self._wake, self.interrupts)
        self.link.queue({"type": "ready", "protocol": 1, "python": "same"})

    def handle(self, frame: Frame) -> None:
        self.interrupts.install()  # a trace function that raised is forgotten
        super().handle(frame)

    def close_loop(self) -> None:
        if self._loop is not None and self._loop._loop is not None:
            self._loop._loop.close()

    def _lend(self, name: str, value: Any) -> None:
        setattr(self._builtins, name, value)
        setattr(self._host, name, value)


class _WakingSelector(LinkSelector):
    """A selector whose waiting an interrupt ends."""

    def __init__(self, link: Link, wake: int, interrupts: _ThreadInterrupts) -> None:
        super().__init__(link)
        self._poll.register(wake, select.POLLIN)
        self._wake = wake
        self._interrupts = interrupts

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        if select.select([self._wake], [], [], 0)[0]:
            os.read(self._wake, 8)
            self._interrupts.look()
        return ready


def _loop_factory(link: Link, wake: int, interrupts: _ThreadInterrupts) -> Callable[[], Any]:
    import asyncio

    return lambda: asyncio.SelectorEventLoop(_WakingSelector(link, wake, interrupts))


class ThreadGuest:
    """The agent in a thread of this process. A kill takes hold at its next line."""

    shares_memory = False
    distance = 0.0
    meter = None

    def __init__(self) -> None:
        ours, self._theirs = socket.socketpair()
        self.channel: Channel = SocketChannel(ours)
        self._ours = ours
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._ended = threading.Event()
        self._interrupts: _ThreadInterrupts | None = None
        self.stops: list[str] = []
        born = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(born,), daemon=True)
        self.thread.start()
        born.wait()

    def _run(self, born: threading.Event) -> None:
        agent = _ThreadAgent(self._theirs.fileno(), self._wake)
        assert isinstance(agent.interrupts, _ThreadInterrupts)
        self._interrupts = agent.interrupts
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        born.set()
        try:
            agent.install()
            agent.serve()
        except _Left:
            pass
        finally:
            sys.settrace(None)
            agent.close_loop()
            self._theirs.close()
            self._ended.set()

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        self.stops.append(how)
        assert self._interrupts is not None
        if how == "kill":
            self._interrupts.killed = True
            with contextlib.suppress(OSError):
                self._ours.shutdown(socket.SHUT_RDWR)
        else:
            self._interrupts.wanted = True
        if self._wake >= 0:
            os.eventfd_write(self._wake, 1)

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def usage(self) -> ResourceUse:
        try:
            return ResourceUse(time.clock_gettime(self._clock), None)
        except OSError:
            return ResourceUse(None, None)

    def weight(self) -> int | None:
        return None

    def exit(self, timeout: float) -> Exit | None:
        return Exit("Exit", "the thread ended") if self._ended.wait(timeout) else None

    def close(self) -> None:
        if self._wake < 0:
            return
        self.stop("kill")
        self.thread.join(10)
        assert not self.thread.is_alive(), "the guest's thread does not end"
        self._ours.close()
        os.close(self._wake)
        self._wake = -1


class ThreadEngine(TestEngine):
    """A thread of this process."""

    name = "thread"

    def start(self, limits: Limits) -> ThreadGuest:
        return ThreadGuest()
