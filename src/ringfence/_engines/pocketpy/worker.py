"""What runs in a pocketpy zygote and in its guests: the library, and who serves it to the host.

The host sends frames (:mod:`ringfence_guest.protocol.framing`), one request at a time::

    {"do": "load", "prelude", "records", "recursion", "output"}
        body: the prelude, of so many bytes, and [[name, entry, source] or null, …]
    {"do": "call", "script", "count", "kinds", "width", "whole", "record", "records", "recursion",
     "output", "errors"}
        body: [text, …] where kinds is "t"

A guest answers each with frames of these, the last of which is ``done``::

    {"is": "error", "at", "kind", "message", "trace", "limit"}
    {"is": "output"}        body: what was printed
    {"is": "full"}          more was printed than may be
    {"is": "done", "at"}    up to which script or call

All else is in the :mod:`.window`.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from ringfence._engines.pocketpy.binding import map_shared, reserve, view_of
from ringfence._engines.pocketpy.interpreter import Interpreter, Raised, Rows
from ringfence._engines.pocketpy.window import LIMITS, MADE, RAISED, Window
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, Profile
from ringfence.zygote.program import EnterStage
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers

__all__ = ["BASELINE", "WINDOW", "PocketPyProgram", "make_program"]

WINDOW: Final = CHANNEL + 1
"""The descriptor of the shared memory in a guest."""

BASELINE: Final = 48 << 20
"""Bytes beyond the warm image that a guest may have for the interpreters' own work: so much garbage
of small objects lies about before PocketPy collects it.
"""

_SETTLED: Final = 8  # calls between two looks at what they have left

_MOST_REQUEST: Final = 1 << 30
_PIECE: Final = 4_096
_LEFT: Final = 71
_HEARD_LIMIT: Final = {limit: number for number, limit in LIMITS.items()}
_COUNTER = struct.Struct("<QQ")


class PocketPyProgram:
    """Loads the library, and serves.

    Args:
        library: where it is, in the jail.
        records: bytes that a call of its guests may leave as records.
        locked: whether scripts lose what they have no use for.
    """

    descriptors = 2
    own_descriptors = 0
    held = ()

    def __init__(self, library: str, records: int, *, locked: bool) -> None:
        self._library = library
        self._window = Window(records)
        self._locked = locked

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        del proc
        os.environ.clear()
        enter_stage("library")
        self._interpreter = Interpreter(self._library, locked=self._locked)
        # The window is mapped here: no address space is to be had beyond that of the image.
        self._place = reserve(self._window.size)

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return GuestLimits(
            memory=limits.memory + BASELINE, disk=0, files=0, threads=0, cpu=limits.cpu
        )

    def open_own(self, proc: int) -> tuple[int, ...]:
        del proc
        return ()

    def settle(self) -> None:
        """Guests share what they do not write to, and that is all."""

    def reseed(self) -> None:
        """Each guest seeds for itself, when it starts."""

    def serve(self, limits: GuestLimits) -> NoReturn:
        del limits
        map_shared(self._place, self._window.size, WINDOW)
        memory = view_of(self._place, self._window.size)
        self._interpreter.seed(int.from_bytes(os.urandom(6), "little"))
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CHANNEL)
        _Server(self._interpreter, channel, self._window, memory).serve()


class _Server:
    """Answers requests, one by one."""

    def __init__(
        self, interpreter: Interpreter, channel: socket.socket, window: Window, memory: memoryview
    ) -> None:
        self._interpreter = interpreter
        self._channel = channel
        self._window = window
        self._memory = memory
        self._left = 0  # bytes that may be printed
        self._printed: list[bytes] = []
        self._size = 0
        interpreter.print_to(self._print)

    def serve(self) -> NoReturn:
        reader = FrameReader(_MOST_REQUEST)
        while True:
            got = self._channel.recv_into(reader.buffer())
            if not got:
                os._exit(_LEFT)  # the host has let go of the guest
            for frame in reader.received(got):
                self._left = frame.header["output"]
                at = self._load(frame) if frame.header["do"] == "load" else self._call(frame)
                self._flush()
                self._say({"is": "done", "at": at})

    def _say(self, header: dict[str, Any], body: bytes = b"") -> None:
        for buffer in frame_buffers(header, body):
            self._channel.sendall(buffer)

    # --- what is printed -------------------------------------------------------------------

    def _print(self, text: bytes) -> None:
        self._printed.append(text[: self._left])
        self._size += len(self._printed[-1])
        if len(text) > self._left:
            self._flush()
            self._say({"is": "full"})
            os._exit(_LEFT)
        self._left -= len(text)
        if self._size >= _PIECE:
            self._flush()

    def _flush(self) -> None:
        """Before anything that may be the end of this process."""
        if self._size:
            self._say({"is": "output"}, b"".join(self._printed))
            self._printed.clear()
            self._size = 0

    # --- requests --------------------------------------------------------------------------

    def _mark(self, at: int) -> None:
        struct.pack_into("<Q", self._memory, 0, at + 1)

    def _fail(self, at: int, raised: Raised) -> None:
        self._say(
            {
                "is": "error", "at": at, "kind": raised.kind, "message": raised.message,
                "trace": raised.trace, "limit": raised.limit,
            }
        )  # fmt: skip

    def _load(self, frame: Frame) -> int:
        """Run the prelude, call 0, and the scripts."""
        header, interpreter = frame.header, self._interpreter
        split = header["prelude"]
        prelude, scripts = frame.body[:split].decode(), json.loads(frame.body[split:])
        interpreter.limit_frames(header["recursion"])
        self._mark(0)
        try:
            interpreter.prepare(prelude, header["records"])
        except Raised as raised:
            self._fail(0, raised)
            return 0
        interpreter.lock()
        for at, script in enumerate(scripts, 1):
            self._mark(at)
            try:
                if script is None:  # it has taken another guest with it
                    interpreter.skip()
                else:
                    interpreter.load(*script)
            except Raised as raised:
                self._fail(at, raised)
            self._flush()
        return len(scripts) + 1

    def _call(self, frame: Frame) -> int:
        """Make calls until all are made, or the next one's records may have no room."""
        header, interpreter, window, memory = (
            frame.header, self._interpreter, self._window, self._memory,
        )  # fmt: skip
        script, record = header["script"], header["record"]
        count: int = header["count"]
        rows = Rows(header["kinds"], header["width"], header["whole"])
        texts = json.loads(frame.body) if rows.kinds == "t" else ()
        columns = memory[window.arguments : window.values]
        status = memory[window.status : window.counts]
        size, values = 8 * rows.width, window.values
        interpreter.limit_frames(header["recursion"])
        errors, used, each = header["errors"], 0, header["records"]
        for at in range(count):
            if record and used + each > window.room:
                return at
            if record:
                begin = window.records + used
                interpreter.use_records(memory[begin : begin + each])
            self._mark(at)
            try:
                if rows.kinds == "t":
                    interpreter.call_with_text(script, texts[at].encode())
                else:
                    interpreter.call(script, rows, columns, count, at)
                if record:
                    number = interpreter.count(each // record)
                    struct.pack_into("<Q", memory, window.counts + 8 * at, number)
                    used += number * record
                else:
                    memory[values + size * at : values + size * (at + 1)] = interpreter.result(rows)
            except Raised as raised:
                if errors:
                    errors -= 1
                    self._fail(at, raised)
                status[at] = _HEARD_LIMIT.get(raised.limit, RAISED)
            else:
                status[at] = MADE
            if self._size:
                self._flush()
            if at % _SETTLED == 0:
                interpreter.settle()
        return count


def make_program(settings: Mapping[str, Any], profile: Profile) -> PocketPyProgram:
    """The program for what the engine wrote into the configuration."""
    del profile
    return PocketPyProgram(settings["library"], settings["records"], locked=settings["locked"])
