"""What a pocketpy guest can be made to do, for memory-unsafe code runs in it: anything at all.

A program of the zygote. It answers the first request, to load, as a guest of ours would, and then
does what the source of the first script names.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ringfence._engines.pocketpy.binding import map_shared, reserve, view_of
from ringfence._engines.pocketpy.window import MADE, Window
from ringfence._engines.pocketpy.worker import WINDOW
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, Profile
from ringfence.zygote.program import EnterStage
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers


class Broken:
    """A guest that is somebody else's."""

    descriptors = 2
    own_descriptors = 0
    held = ()

    def __init__(self, records: int) -> None:
        self.window = Window(records)

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        self._place = reserve(self.window.size)

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return limits

    def open_own(self, proc: int) -> tuple[int, ...]:
        return ()

    def settle(self) -> None:
        """Guests share what they do not write to, and that is all."""

    def reseed(self) -> None:
        pass

    def serve(self, limits: GuestLimits) -> NoReturn:
        map_shared(self._place, self.window.size, WINDOW)
        self.memory = view_of(self._place, self.window.size)
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CHANNEL)
        self._reader = FrameReader(1 << 30)
        request = self.next_request()
        (_, _, does), *others = json.loads(request.body[request.header["prelude"] :])
        if does == "lies_about_loading":
            self.say({"is": "done", "at": 1})
        self.say({"is": "done", "at": 2 + len(others)})
        if does != "never_reads":
            self.request = self.next_request()
        DEEDS[does](self)
        self.done()
        signal.pause()
        os._exit(0)

    def next_request(self) -> Frame:
        while True:
            got = self.channel.recv_into(self._reader.buffer())
            if not got:
                os._exit(0)
            for frame in self._reader.received(got):
                return frame

    def say(self, header: dict[str, Any], body: bytes = b"") -> None:
        for buffer in frame_buffers(header, body):
            self.channel.sendall(buffer)

    def error(self, **changed: Any) -> None:
        """An error as it should be, but for what is changed; a part that is None is left out."""
        header = {"is": "error", "at": 0, "kind": "E", "message": "m", "trace": "", "limit": ""}
        header |= changed
        self.say({name: value for name, value in header.items() if value is not None})

    @property
    def count(self) -> int:
        count: int = self.request.header["count"]
        return count

    def made(self, *numbers: float) -> None:
        """Say that calls were made, and what they returned; the first returns the first number."""
        window, count = self.window, self.count
        self.memory[window.status : window.status + count] = bytes([MADE]) * count
        values = [*numbers, *[0.0] * (count - len(numbers))]
        struct.pack_into(f"<{count}d", self.memory, window.values, *values)

    def done(self) -> None:
        self.say({"is": "done", "at": self.count})

    def mark(self, number: int) -> None:
        struct.pack_into("<Q", self.memory, 0, number)


def _errno(call: Callable[[], Any]) -> float:
    """The error of a call; 0 if it has none."""
    try:
        call()
    except OSError as error:
        return float(error.errno or -1)
    except (MemoryError, RuntimeError):
        return float(errno.ENOMEM)
    return 0.0


def _wide(guest: Broken) -> None:
    """Try what leads out, and return what came of it."""
    trials: list[Callable[[], Any]] = [
        lambda: os.open("/", os.O_RDONLY),
        lambda: os.open("/pocketpy/libpocketpy.so.2", os.O_RDONLY),
        lambda: os.stat("/"),
        lambda: os.mkdir("/a"),
        lambda: socket.socket(),
        lambda: socket.socket(socket.AF_UNIX),
        os.fork,
        lambda: threading.Thread(target=int).start(),
        lambda: os.kill(1, 0),
        lambda: os.kill(os.getppid(), signal.SIGKILL),
        lambda: os.ftruncate(WINDOW, 1 << 40),
        lambda: os.ftruncate(WINDOW, 0),
        lambda: guest.channel.sendmsg(
            [b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))]
        ),
        lambda: os.memfd_create("more"),
        lambda: os.setuid(0),
        lambda: bytearray(64 << 20),
    ]
    guest.made(*map(_errno, trials))


def _flood(guest: Broken) -> None:
    while True:
        guest.say({"is": "output"}, b"y" * 60_000)


def _back_and_forth(guest: Broken) -> None:
    while True:
        for number in (1, 2, 1, 2**64 - 1, 0):
            guest.mark(number)


def _huge_counter(guest: Broken) -> None:
    guest.mark(2**64 - 1)
    os._exit(3)


def _counts(*numbers: int) -> Callable[[Broken], None]:
    def deed(guest: Broken) -> None:
        guest.made()
        struct.pack_into(f"<{len(numbers)}Q", guest.memory, guest.window.counts, *numbers)

    return deed


def _odd_status(guest: Broken) -> None:
    guest.made()
    guest.memory[guest.window.status] = 77
    guest.memory[guest.window.status + 1] = 255


def _error_of_a_good_call(guest: Broken) -> None:
    guest.made(1.0)
    guest.error()


def _odd_text(guest: Broken) -> None:
    guest.made()
    guest.memory[guest.window.status] = 2
    guest.error(kind="\ud800", message="\x1b[2J\udfff")


def _closed(guest: Broken) -> None:
    guest.channel.shutdown(socket.SHUT_RDWR)
    while True:
        signal.pause()


def _drip(guest: Broken) -> None:
    for byte in struct.pack("<III", 4_000, 0, 0):
        guest.channel.sendall(bytes([byte]))
    while True:
        signal.pause()


def _stopped(_guest: Broken) -> None:
    signal.raise_signal(signal.SIGSTOP)
    while True:
        signal.pause()


def _told(**header: Any) -> Callable[[Broken], None]:
    def deed(guest: Broken) -> None:
        guest.made()
        guest.say(header)

    return deed


def _done_at_half(guest: Broken) -> None:
    guest.made()
    guest.say({"is": "done", "at": guest.count // 2})


def _wrong(**changed: Any) -> Callable[[Broken], None]:
    return lambda guest: guest.error(**changed)


def _all(*deeds: Callable[[Broken], object]) -> Callable[[Broken], None]:
    def deed(guest: Broken) -> None:
        for one in deeds:
            one(guest)

    return deed


def _raw(data: bytes) -> Callable[[Broken], None]:
    return lambda guest: guest.channel.sendall(data)


DEEDS: Mapping[str, Callable[[Broken], None]] = {
    "lies_about_loading": lambda guest: None,
    "tries_what_leads_out": _wide,
    "executes": _all(lambda _: subprocess.run(["/bin/true"], check=False)),
    "executes_in_place": lambda _: os.execv("/bin/true", ["true"]),
    "nonsense": _raw(b"\xff" * 4_096),
    "text": _raw(b"HTTP/1.1 200 OK\r\n\r\n" * 40),
    "no_header": _raw(struct.pack("<III", 0, 0, 0)),
    "long_header": _raw(struct.pack("<III", 1 << 20, 0, 0)),
    "long_body": _raw(struct.pack("<III", 2, (1 << 32) - 1, 0) + b"{}"),
    "long_blob": _raw(struct.pack("<III", 2, 0, 1 << 17) + b"{}"),
    "header_that_is_a_list": _raw(struct.pack("<III", 2, 0, 0) + b"[]"),
    "deep_header": _raw(struct.pack("<III", 60_000, 0, 0) + b'{"a":' * 12_000),
    "header_that_is_no_text": _raw(struct.pack("<III", 4, 0, 0) + b"{\xff\xfe}"),
    "half_a_frame_and_its_end": _all(_raw(b"\x10"), lambda _: os._exit(0)),
    "unknown_frame": _told(**{"is": "granted"}),
    "frame_of_nothing": _told(),
    "done_beyond": _told(**{"is": "done", "at": 10**9}),
    "done_before": _told(**{"is": "done", "at": -1}),
    "done_at_nothing": _told(**{"is": "done", "at": 0}),
    "done_at_half": _done_at_half,
    "done_as_truth": _told(**{"is": "done", "at": True}),
    "done_as_float": _told(**{"is": "done", "at": 3.0}),
    "done_as_text": _told(**{"is": "done", "at": "3"}),
    "done_with_more": _told(**{"is": "done", "at": 3, "walls": "none"}),
    "done_twice": _all(Broken.made, Broken.done, Broken.done),
    "done_with_a_body": lambda guest: guest.say({"is": "done", "at": 3}, b"x"),
    "error_beyond": _wrong(at=3),
    "error_before": _wrong(at=-1),
    "error_of_a_number": _wrong(message=3),
    "error_of_nothing": _wrong(kind=None),
    "error_with_more": _wrong(more="x"),
    "error_with_a_long_type": _wrong(kind="x" * 101),
    "error_with_a_long_message": _wrong(message="x" * 1_001),
    "error_with_a_long_trace": _wrong(trace="x" * 20_001),
    "error_with_a_limit_of_the_hosts": _wrong(limit="wall"),
    "error_twice": _all(Broken.error, Broken.error),
    "error_of_a_good_call": _error_of_a_good_call,
    "error_of_odd_text": _odd_text,
    "output_of_nothing": _told(**{"is": "output"}),
    "output_flood": _flood,
    "full_at_once": _told(**{"is": "full"}),
    "full_with_a_body": lambda guest: guest.say({"is": "full"}, b"x"),
    "counter_back_and_forth": _back_and_forth,
    "counter_that_is_huge": _huge_counter,
    "status_that_is_none": _odd_status,
    "counts_that_are_huge": _counts(*[2**64 - 1] * 3),
    "counts_that_wrap": _counts(2**63, 2**63),
    "counts_beyond_one_call": _counts(1, 65),
    "counts_beyond_the_room": _counts(64, 64, 64, 64, 64),
    "closes_the_channel_and_lives": _closed,
    "sends_half_a_header": _drip,
    "stops_itself": _stopped,
    "never_reads": _stopped,
    "leaves": lambda _: os._exit(0),
    "aborts": lambda _: os.abort(),
}


def make_program(settings: Mapping[str, Any], profile: Profile) -> Broken:
    return Broken(settings["records"])
