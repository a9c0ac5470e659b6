"""What runs in the place of the wasi engine's program: native code, as if Wasmtime had been broken out of.

A zygote loads it as it loads the engine's own, so its guests get the same jail, the same channel and the
same control socket. It answers one request, with what ``settings["does"]`` names.
"""

from __future__ import annotations

import array
import ctypes
import errno
import os
import signal
import socket
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.zygote.program import EnterStage
from tests.support import frames

__all__ = ["BrokenProgram", "make_program"]

CHANNEL, CONTROL = 3, 4
POST = 3
"""Where a process was told what to be that was started for its guest alone."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def make_program(settings: Mapping[str, Any], profile: Profile) -> BrokenProgram:
    """For an engine whose configuration names this module."""
    return BrokenProgram(settings["does"])


class BrokenProgram:
    """A guest that is no module's.

    Args:
        does: the name of one of this module's functions.
    """

    descriptors, own_descriptors = 2, 2

    def __init__(self, does: str) -> None:
        self._does: Callable[[socket.socket, socket.socket], Any] = globals()[does]
        self.held = [os.open("/dev/null", os.O_RDONLY)] if does == "leaves_a_gap" else []

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        os.environ.clear()

    def warm_alone(self, enter_stage: EnterStage) -> None:
        os.environ.clear()

    def serve_alone(self, limits: GuestLimits, given: tuple[socket.socket, ...]) -> NoReturn:
        """The same in a process that was started for this guest alone."""
        channel, control = given
        self._serve(channel, _Stream(control))

    def open_own(self, proc: int) -> tuple[int, ...]:
        pagemap = os.open("self/pagemap", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
        return pagemap, os.eventfd(0, os.EFD_CLOEXEC)

    def settle(self) -> None:
        for descriptor in self.held:
            os.close(descriptor)

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return limits

    def reseed(self) -> None:
        """Nothing here is random."""

    def serve(self, limits: GuestLimits) -> NoReturn:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CHANNEL)
        self._serve(channel, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, CONTROL))

    def _serve(self, channel: socket.socket, control: socket.socket) -> NoReturn:
        channel.recv(1 << 20)
        channel.sendall(frames.ready())
        try:
            value = self._does(channel, control)
            channel.sendall(frames.done(value))
            channel.recv(1 << 20)
        finally:
            os._exit(9)


class _Stream(socket.socket):
    """A control socket without packets: each message has its length before it."""

    def __init__(self, made: socket.socket) -> None:
        super().__init__(fileno=made.detach())

    def send(self, data: Any, flags: int = 0, /) -> int:
        return super().send(min(len(data), 0xFFFF).to_bytes(2, "little") + data, flags)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return super().recv(int.from_bytes(super().recv(2), "little"))


def _answer(function: Callable[[], Any]) -> str:
    """``done``, or the name of the error that refused it."""
    try:
        function()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    return "done"


# --- what it may do to the machine -----------------------------------------------------------


def looks_around(channel: socket.socket, control: socket.socket) -> dict[str, str]:
    """Everything that is refused and not fatal."""
    return {
        "list the root": _answer(lambda: os.listdir("/")),
        "open a file": _answer(lambda: os.open("/etc/passwd", os.O_RDONLY)),
        "open /proc": _answer(lambda: os.open("/proc/self/maps", os.O_RDONLY)),
        "make a file": _answer(lambda: os.open("/made", os.O_CREAT | os.O_WRONLY)),
        "read a link": _answer(lambda: os.readlink("/proc/self/exe")),
        "make a socket": _answer(lambda: socket.socket(socket.AF_INET)),
        "make a local socket": _answer(lambda: socket.socket(socket.AF_UNIX)),
        "fork": _answer(os.fork),
        "stop the zygote": _answer(lambda: os.kill(2, signal.SIGKILL)),
        "stop everybody": _answer(lambda: os.kill(-1, signal.SIGKILL)),
        "give a descriptor away": _answer(lambda: _attach(control, b"x", [CHANNEL])),
    }


def executes(channel: socket.socket, control: socket.socket) -> None:
    """Become another program."""
    os.execv("/bin/true", ["true"])


def traces(channel: socket.socket, control: socket.socket) -> None:
    """Be traced, the first step of tracing."""
    _LIBC.ptrace(0, 0, None, None)


def reads_another_process(channel: socket.socket, control: socket.socket) -> None:
    """The memory of the process that guests are copies of."""
    _LIBC.process_vm_readv(2, None, 0, None, 0, 0)


def mounts(channel: socket.socket, control: socket.socket) -> None:
    """Have a file system."""
    _LIBC.mount(b"none", b"/", b"tmpfs", 0, None)


# --- what it may say to the host -------------------------------------------------------------


def _attach(control: socket.socket, data: bytes, descriptors: list[int]) -> None:
    numbers = array.array("i", descriptors)
    control.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])


def says_that_it_trapped(channel: socket.socket, control: socket.socket) -> NoReturn:
    """In words of its own, with what a terminal would obey, and no UTF-8."""
    control.send(b"xfirst \x1b[2J\n\xff" + b"y" * 3_000)
    control.send(b"xsecond")
    os._exit(0)


def says_a_packet_of_64_kib(channel: socket.socket, control: socket.socket) -> NoReturn:
    """More than the host reads of it."""
    control.send(b"x" * 65_536)
    os._exit(0)


def says_half_a_message(channel: socket.socket, control: socket.socket) -> NoReturn:
    """A length, and less than that."""
    socket.socket.sendall(control, b"\xff\x00" + b"x" * 100)
    os._exit(0)


def tells_its_start_again(channel: socket.socket, control: socket.socket) -> str:
    """Over the socket that it was started by, where the host listens to nothing any more."""
    said = b'{"cpu": -1000000.0, "failed": "start", "errno": 2, "error": "x", "traceback": "y"}'
    for _ in range(100):
        os.write(POST, len(said).to_bytes(4, "little") + said)
    return "done"


def lets_go_of_its_start(channel: socket.socket, control: socket.socket) -> str:
    """By which the host would see that it has ended."""
    os.close(POST)
    return "done"


def says_nonsense(channel: socket.socket, control: socket.socket) -> NoReturn:
    """No message that there is."""
    control.send(b"\0" * 100)
    os._exit(0)


def floods(channel: socket.socket, control: socket.socket) -> str:
    """The control socket, until it takes no more; the host goes on all the same."""
    control.setblocking(False)
    sent = 0
    try:
        while sent < 100_000:
            control.send(b"r" * 100)
            sent += 1
    except BlockingIOError:
        pass
    return "full" if sent else "nothing was sent"


def says_nothing_of_its_fuel(channel: socket.socket, control: socket.socket) -> str:
    """End a turn whose instructions should have been counted."""
    return "done"


def says_that_it_used_more_than_it_may(channel: socket.socket, control: socket.socket) -> str:
    """Lie about its fuel."""
    control.send(b"u" + b"\xff" * 8)
    return "done"


def says_that_it_used_nothing(channel: socket.socket, control: socket.socket) -> str:
    """Lie about its fuel so that nobody can tell."""
    control.send(b"u" + bytes(8))
    return "done"


def says_that_its_fuel_is_gone(channel: socket.socket, control: socket.socket) -> NoReturn:
    """And go away."""
    control.send(b"o")
    os._exit(0)


def lies_about_its_size(channel: socket.socket, control: socket.socket) -> Any:
    """Answer the order to send its memory with a length of an exabyte."""
    channel.sendall(frames.done())
    control.recv(1)  # what to be
    control.recv(1)  # the order
    channel.sendall((1 << 60).to_bytes(8, "little"))
    channel.recv(1)


def leaves_a_gap(channel: socket.socket, control: socket.socket) -> Any:
    """Its program lets go of a low descriptor when the first guest has been given its own."""
    return "was not refused"
