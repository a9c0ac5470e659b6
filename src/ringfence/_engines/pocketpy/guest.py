"""A guest as the host holds it: asked one thing at a time, and watched while it answers.

All that comes from it is checked here, and nothing is believed: a frame that is out of turn, too
long or of another shape ends it. What it writes to the shared memory is copied before it is looked
at, in :mod:`.batch`.
"""

from __future__ import annotations

import math
import mmap
import select
import struct
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ringfence._engines.pocketpy.window import LIMITS, Window
from ringfence.engine import Exit
from ringfence.errors import EngineFailure
from ringfence.model.evaluation import GuestErrorInfo
from ringfence.zygote.guest import ProcessGuest
from ringfence_guest.protocol.framing import Frame, FrameReader, FramingError, frame_buffers

__all__ = ["Answer", "PocketPyGuest", "Told"]

_MOST_ANSWER: Final = 64 << 10
_MOST_KIND: Final = 100
_MOST_MESSAGE: Final = 1_000
_MOST_TRACE: Final = 20_000
_MOMENT: Final = 0.2
_PATIENCE: Final = 10.0
_HEAD: Final = struct.Struct("<QQ")
_COUNTER: Final = struct.Struct("<Q")


class Told(NamedTuple):
    """What a guest says of one call or script that has failed. Guest text."""

    at: int
    info: GuestErrorInfo
    limit: str | None


class Answer(NamedTuple):
    """What came of a request.

    Attributes:
        at: how many of its calls or scripts were made; or, where the guest has ended, which one it
            was at.
        told: of those that failed.
        ended: how the guest ended; None if it lives.
        limit: the bound that it was ended for.
    """

    at: int
    told: list[Told]
    ended: Exit | None = None
    limit: str | None = None


def _as_text(value: str) -> str:
    """A text that can be written down: JSON can hold halves of characters."""
    return value.encode("utf-8", "replace").decode()


class _Broken(Exception):
    """It says what no guest of ours says."""


class _Progress:
    """Watches the counter: no call may take longer than ``each``, by two looks. Only what moves it
    forward counts, so a guest that moves it back and forth gains nothing.
    """

    def __init__(
        self, read: Callable[[], int], each: float | None, most: int, start: float
    ) -> None:
        self._read, self._each, self._most = read, each, most
        self._seen = 0
        self._mark = time.monotonic()
        self._start = self._mark + start

    def seconds_left(self) -> float:
        """Until :meth:`stalled` must be asked."""
        if self._each is None:
            return math.inf
        return self._mark + self._each - time.monotonic()

    def stalled(self) -> bool:
        """Whether the same call has been running for too long."""
        seen = min(self._read(), self._most)
        now = time.monotonic()
        if seen <= self._seen and (seen or now >= self._start):
            return True
        self._seen, self._mark = seen, now
        return False


class PocketPyGuest:
    """One jailed process, and the memory that is shared with it.

    Args:
        process: the process.
        window: how that memory is divided.
        memory: it.
    """

    def __init__(self, process: ProcessGuest, window: Window, memory: mmap.mmap) -> None:
        self._process = process
        self.window = window
        self.memory = memory
        self._reader = FrameReader(_MOST_ANSWER)
        self._poll = select.poll()
        self._events = 0
        self._poll.register(process.channel.fileno(), select.POLLIN)
        self._killed: str | None = None
        self._stopped = False

    # --- asking ----------------------------------------------------------------------------

    def ask(
        self,
        header: dict[str, Any],
        body: bytes,
        *,
        count: int,
        wall: float | None,
        output: bytearray,
        most: int,
        start: float = 0.0,
    ) -> Answer:
        """Ask, and wait until it is done or has ended; within ``wall`` for each of its parts.

        Args:
            header: the request.
            body: of it.
            count: its calls or scripts.
            wall: seconds for each; None is no bound.
            output: what is printed goes there.
            most: bytes that may be printed.
            start: seconds until the first part is begun, if they are more.

        Raises:
            EngineFailure: it never lived.
        """
        self._output, self._most, self._count = output, len(output) + most, count
        self._told: list[Told] = []
        self._heard: set[int] = set()
        _HEAD.pack_into(self.memory, 0, 0, 0)
        progress = _Progress(self._counter, wall, count + 1, start)
        waiting = [memoryview(buffer) for buffer in frame_buffers(header, body)]
        limit = None
        try:
            done = self._exchange(waiting, progress)
            if done is not None:
                return Answer(done, self._told)
            limit = self._killed
        except _Broken as broken:
            self.kill()
            return self._end(None, f"the guest answered out of turn and was ended: {broken}")
        return self._end(limit, "")

    def _exchange(self, waiting: list[memoryview], progress: _Progress) -> int | None:
        """Send, and read until it is done; None if it has ended, or was ended here."""
        while True:
            wanted = select.POLLIN | (select.POLLOUT if waiting else 0)
            if wanted != self._events:
                self._events = wanted
                self._poll.modify(self._process.channel.fileno(), wanted)
            left = progress.seconds_left()
            if left <= 0:
                if progress.stalled():
                    self._killed = "wall"
                    self.kill()
                    return None
                continue
            self._poll.poll(None if left == math.inf else math.ceil(left * 1_000))
            if waiting:
                self._send(waiting)
            done, over = self._receive()
            if done is not None:
                if waiting:
                    raise _Broken("it was done before it was asked")
                return done
            if over:
                return None

    def _send(self, waiting: list[memoryview]) -> None:
        try:
            sent = self._process.channel.send([part.cast("B") for part in waiting[:1]])
        except BlockingIOError:
            return
        except OSError:  # it is gone: reading tells
            waiting.clear()
            return
        rest = waiting[0].cast("B")[sent:]
        waiting[:1] = [rest] if len(rest) else []

    def _receive(self) -> tuple[int | None, bool]:
        """What it is done with, and whether it is gone."""
        try:
            got = self._process.channel.receive(self._reader.buffer())
        except BlockingIOError:
            return None, False
        except OSError:
            return None, True
        if not got:
            return None, True
        try:
            frames = self._reader.received(got)
        except FramingError as error:
            raise _Broken(str(error)) from None
        for position, frame in enumerate(frames):
            done = self._take(frame)
            if done is not None:
                if position + 1 < len(frames) or self._reader.pending:
                    raise _Broken("it goes on when it is done")
                return done, False
            if self._killed:
                return None, True
        return None, False

    # --- what it says ----------------------------------------------------------------------

    def _take(self, frame: Frame) -> int | None:
        """Note what a frame says; gives what it is done with, if it says that."""
        what = frame.header.get("is")
        if what == "output" and set(frame.header) == {"is"} and not frame.blob and frame.body:
            self._output += frame.body
            if len(self._output) > self._most:  # one of ours ends itself before
                del self._output[self._most :]
                self._stop_for_output()
        elif what == "full" and set(frame.header) == {"is"} and not frame.size:
            self._stop_for_output()
        elif what == "error" and not frame.size:
            self._take_error(frame.header)
        elif what == "done" and set(frame.header) == {"is", "at"} and not frame.size:
            return self._index(frame.header["at"], self._count)
        else:
            raise _Broken("a frame that no request has")
        return None

    def _stop_for_output(self) -> None:
        self._killed = "output"
        self.kill()

    def _take_error(self, header: dict[str, Any]) -> None:
        wanted = {
            "is": 10,
            "kind": _MOST_KIND,
            "message": _MOST_MESSAGE,
            "trace": _MOST_TRACE,
            "limit": 10,
        }
        if set(header) != {*wanted, "at"}:
            raise _Broken("an error of another shape")
        for name, most in wanted.items():
            if type(header[name]) is not str or len(header[name]) > most:
                raise _Broken(f"an error whose {name} is no text, or too long")
        at = self._index(header["at"], self._count - 1)
        if at in self._heard:
            raise _Broken("a second error of the same call")
        if header["limit"] not in ("", *LIMITS.values()):
            raise _Broken("a limit that is not its own")
        self._heard.add(at)
        info = GuestErrorInfo(*(_as_text(header[name]) for name in ("kind", "message", "trace")))
        self._told.append(Told(at, info, header["limit"] or None))

    def _index(self, value: Any, most: int) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise _Broken("a place that is none")
        return value

    def _counter(self) -> int:
        number: int = _COUNTER.unpack_from(self.memory, 0)[0]
        return number

    # --- its end ---------------------------------------------------------------------------

    def kill(self) -> None:
        """End it; from any thread, returns at once."""
        self._stopped = True
        self._process.stop("kill")

    def _end(self, limit: str | None, why: str) -> Answer:
        """What came of a request in which it ended."""
        ended = self._process.exit(_MOMENT)
        if ended is None:  # it has closed its channel, and lives, or takes its time to end
            self._process.stop("kill")
            ended = self._process.exit(_PATIENCE)
            if ended is None:
                raise EngineFailure("pocketpy: a guest that was killed does not end")
            if ended.kind == "SIGKILL" and limit is None and not self._stopped:
                why = why or "the guest closed its channel and was ended"
        if why:
            ended = Exit("Protocol", why, None, ended.cpu, ended.memory)
        at = min(max(self._counter() - 1, 0), max(self._count - 1, 0))
        return Answer(at, self._told, ended, limit)

    def close(self) -> None:
        """End it, and give back what the host holds of it."""
        self._process.close()
