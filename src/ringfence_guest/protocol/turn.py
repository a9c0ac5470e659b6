"""One request, from its frame to its final event: a pure state machine.

It does no I/O and reads no clock. A shell (:mod:`ringfence.runtime`) moves the bytes, tells the
time, runs the host functions, and does what :meth:`Turn.take_stop` orders. Both shells drive this
same class, so they cannot disagree.

Time is counted in three budgets. *wall* runs while the guest may run; it rests only while the guest
has declared that it waits for something that is really open (a call, a stream). *host_wall* runs
while a call is open, so that a slow host function is not free either. *cpu* is the guest's CPU
clock, read by the host, and never rests. When a budget ends the turn is interrupted, and killed
when the guest has not ended the turn within the grace.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ringfence_guest.protocol import codec, messages
from ringfence_guest.protocol.framing import Frame, FrameReader, FramingError, Outbox, frame_buffers

__all__ = [
    "CANCEL_GRACE",
    "FRAME_COST",
    "INTERRUPT_GRACE",
    "NUDGE_PERIOD",
    "STREAM_WINDOW",
    "UNREAD",
    "Budget",
    "Call",
    "Display",
    "ErrorInfo",
    "Outcome",
    "Output",
    "Progress",
    "StreamData",
    "StreamWanted",
    "Turn",
    "TurnEvent",
]

FRAME_COST = 512
"""Bytes that any frame costs at least: a million one-byte frames is a flood, not a megabyte."""

INTERRUPT_GRACE = 0.1
"""Seconds between the interrupt of a guest that reached a limit, and its kill."""

CANCEL_GRACE = 0.03
"""The same when the caller cancels: a cancelled turn ends within 50 ms."""

STREAM_WINDOW = 1 << 20
"""Bytes of one stream under way in one direction without a new credit."""

NUDGE_PERIOD = 0.01
"""Seconds after which an interrupt is repeated while the grace lasts. One that comes just before a
guest enters a system call, or its turn, is lost; a guest that has taken one ignores the others."""

UNREAD = 64 << 20
"""Bytes that may wait for a guest to read them, beyond four values of the largest size and a window
for each stream: a guest that calls and does not read could otherwise fill the host's memory."""

MAX_ERROR = 262_144
"""Bytes that an encoded error may have; a guest's own code sends at most a tenth."""

MAX_DISPLAYS = 1_000
_SPARE_PAYLOAD = 65_536
_MIN_CPU_CHECK = 0.001


@dataclass(frozen=True, slots=True)
class Budget:
    """What one turn may use. Times in seconds, sizes in bytes. ``inf`` means no bound."""

    wall: float = 30.0
    host_wall: float = 30.0
    cpu: float = 30.0
    output: int = 1 << 20
    display: int = 16 << 20
    calls: int = 1_000
    value: int = 64 << 20
    threads: int = 8


@dataclass(frozen=True, slots=True)
class Output:
    """Text that the guest printed, as it came."""

    stream: Literal["stdout", "stderr"]
    text: str


@dataclass(frozen=True, slots=True)
class Display:
    """Something to look at: media type -> text or bytes. It is guest data: never trust it."""

    data: dict[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the guest says it is: ``fraction`` from 0 to 1 (or None), and a short message."""

    fraction: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a host function, to be answered with :meth:`Turn.answer`."""

    id: int
    name: str
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StreamWanted:
    """The guest waits for up to ``size`` bytes of a stream: answer with :meth:`Turn.send_data`."""

    stream: int
    size: int


@dataclass(frozen=True, slots=True)
class StreamData:
    """Bytes that the guest wrote; when they are consumed, say so with :meth:`Turn.consumed`."""

    stream: int
    data: bytes | memoryview
    eof: bool


TurnEvent = Output | Display | Progress | Call | StreamWanted | StreamData


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What went wrong, in the guest's words: guest text, to be escaped where it is shown."""

    type: str
    message: str
    traceback: str = ""


@dataclass(slots=True)
class Outcome:
    """How a turn ended.

    ``alive`` says whether the guest is still there to take another turn.
    """

    status: Literal["ok", "error", "limit", "crashed", "cancelled"]
    alive: bool
    value: Any = None
    limit: str | None = None
    error: ErrorInfo | None = None
    stdout: str = ""
    stderr: str = ""
    displays: list[Display] = field(default_factory=list)
    wall: float = 0.0
    host_wall: float = 0.0
    output: int = 0
    display: int = 0
    calls: int = 0
    value_size: int = 0


class _ProtocolBroken(Exception):
    """The guest sent something that no honest guest sends."""


@dataclass(slots=True)
class _Stream:
    direction: Literal["read", "write"]
    credit: int
    ended: bool = False


class Turn:
    """The state of one request.

    Args:
        number: the turn's number within its guest; the guest's ``done`` must carry it.
        request: the buffers of the request (and of anything that must go before it).
        reader: the frame reader of the guest's channel; it lives longer than the turn.
        budget: what the turn may use.
        functions: names that the guest may call.
        streams: number -> direction, of the byte streams that the request lends.
        now: the monotonic clock, in seconds.
        cpu: the guest's CPU clock, in seconds, from which this turn is charged.
        fresh: the guest is new, and says ``ready`` first.
    """

    outcome: Outcome | None = None
    _last_id = -1
    _waiting = False
    _last_waiting = -1
    _answered = 0
    _wall = 0.0
    _host = 0.0
    _cpu = 0.0
    _output = 0
    _display = 0
    _calls = 0
    _reason: str | None = None
    _kill_at = math.inf
    _nudge_at = math.inf
    _stop: Literal["interrupt", "nudge", "kill"] | None = None

    def __init__(
        self,
        number: int,
        request: list[Any],
        reader: FrameReader,
        budget: Budget,
        *,
        now: float,
        cpu: float = 0.0,
        functions: frozenset[str] = frozenset(),
        streams: dict[int, Literal["read", "write"]] | None = None,
        fresh: bool = False,
    ) -> None:
        self.number = number
        self.budget = budget
        self._reader = reader
        reader.max_payload = max(budget.value, budget.display, 2 * STREAM_WINDOW) + _SPARE_PAYLOAD
        self._outbox = Outbox()
        self._outbox.put(request)
        self._functions = functions
        self._streams: dict[int, _Stream] = {}
        self._most_unread = UNREAD + 4 * budget.value
        if streams:
            self._most_unread += STREAM_WINDOW * len(streams)
            for n, d in streams.items():
                self._streams[n] = _Stream(d, STREAM_WINDOW if d == "write" else 0)
        self._expects_ready = fresh
        self._open: set[int] = set()
        self._mark = self._cpu_mark = now
        self._cpu_start = cpu
        self._text: dict[str, list[str]] = {}
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}
        self._displays: list[Display] = []

    # --- bytes -----------------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """Whether there is something to write."""
        return bool(self._outbox)

    def outgoing(self) -> list[memoryview]:
        """Buffers to write now; report what was written with :meth:`sent`."""
        return self._outbox.peek()

    def sent(self, size: int) -> None:
        """``size`` bytes of :meth:`outgoing` were written."""
        self._outbox.sent(size)

    def unsent(self) -> list[memoryview]:
        """What is left to write when the turn has ended: part of an answer that the guest no longer
        waited for. It must go before the next request, or the guest would lose its place.
        """
        return self._outbox.peek(len(self._outbox))

    def buffer(self) -> memoryview:
        """Where the next bytes from the guest go; report them with :meth:`received`."""
        return self._reader.buffer()

    def received(self, size: int, now: float) -> list[TurnEvent]:
        """``size`` bytes came; returns what they mean, and may end the turn or order a stop."""
        self._account(now)
        events: list[TurnEvent] = []
        broken: FramingError | None = None
        try:
            frames: Sequence[Frame] = self._reader.received(size)
        except FramingError as error:
            frames, broken = error.frames, error
        try:
            for frame in frames:
                if self.outcome is not None:
                    raise _ProtocolBroken("a frame after the end of the turn")
                event = self._handle(frame, now)
                if event is not None:
                    events.append(event)
            if broken is not None:
                raise broken
            if self.outcome is not None and self._reader.pending:
                raise _ProtocolBroken("bytes after the end of the turn")
        except (_ProtocolBroken, FramingError, messages.MessageError, codec.DecodeError) as error:
            self._crash("Protocol", f"the guest broke the protocol: {error}")
            events = [e for e in events if not isinstance(e, Call | StreamWanted | StreamData)]
        return events

    # --- events ----------------------------------------------------------------------------

    def _handle(self, frame: Frame, now: float) -> TurnEvent | None:
        event = messages.read_event(frame)
        if self._expects_ready != isinstance(event, messages.ReadyEvent):
            raise _ProtocolBroken("ready at the wrong time")
        match event:
            case messages.DoneEvent():
                self._done(event)
            case messages.OutputEvent():
                return self._on_output(event, now)
            case messages.CallEvent():
                return self._on_call(event, now)
            case messages.ReadyEvent():
                self._expects_ready = False
            case messages.WaitingEvent():
                self._on_waiting(event)
            case messages.DisplayEvent():
                return self._on_display(event, now)
            case messages.ProgressEvent():
                if self._charge_output(len(event.message), now):
                    return Progress(event.fraction, event.message)
            case messages.CreditEvent():
                return self._on_credit(event)
            case _:
                return self._on_data(event)
        return None

    def _on_output(self, event: messages.OutputEvent, now: float) -> Output | None:
        if not self._charge_output(len(event.data), now):
            return None
        decoder = self._decoders.get(event.stream)
        if decoder is None:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._decoders[event.stream] = decoder
        text = decoder.decode(event.data)
        self._text.setdefault(event.stream, []).append(text)
        return Output(event.stream, text) if text else None

    def _charge_output(self, size: int, now: float) -> bool:
        """Charge a frame; False when the budget is spent (what came over it is dropped)."""
        if self._reason is not None:
            return False
        self._output += max(size, FRAME_COST)
        if self._output > self.budget.output:
            self._end("output", now)
            return False
        return True

    def _on_display(self, event: messages.DisplayEvent, now: float) -> Display | None:
        if self._reason is not None:
            return None
        self._display += max(event.frame.size, FRAME_COST)
        if self._display > self.budget.display or len(self._displays) >= MAX_DISPLAYS:
            self._end("display", now)
            return None
        limit = 2 * self.budget.display + _SPARE_PAYLOAD
        data = codec.decode(event.frame.body, event.frame.blob, limit=limit)
        if type(data) is not dict or not 0 < len(data) <= 32:
            raise _ProtocolBroken("a display that is not a bundle")
        for kind, content in data.items():
            if type(kind) is not str or len(kind) > 100 or type(content) not in (str, bytes):
                raise _ProtocolBroken("a display that is not a bundle")
        display = Display(data)
        self._displays.append(display)
        return display

    def _on_call(self, event: messages.CallEvent, now: float) -> Call | None:
        if event.id <= self._last_id:
            raise _ProtocolBroken("a call with a number that was used before")
        self._last_id = event.id
        if event.name not in self._functions:
            raise _ProtocolBroken("a call of a function that was not lent")
        if self._reason is not None:
            return None
        if self._calls >= self.budget.calls:
            self._end("calls", now)
            return None
        self._calls += 1
        content = codec.decode(event.frame.body, event.frame.blob, limit=self.budget.value)
        if type(content) is not list or len(content) != 2 or type(content[0]) is not list:
            raise _ProtocolBroken("a call without arguments")
        args, kwargs = content
        if kwargs is None:
            kwargs = {}
        if type(kwargs) is not dict or not set(map(type, kwargs)) <= {str}:
            raise _ProtocolBroken("a call without arguments")
        self._open.add(event.id)
        if event.waits:
            self._wait()
        return Call(event.id, event.name, args, kwargs)

    def _stream(self, number: int, direction: str) -> _Stream:
        stream = self._streams.get(number)
        if stream is None or stream.direction != direction or stream.ended:
            raise _ProtocolBroken("a stream that is not open")
        return stream

    def _on_credit(self, event: messages.CreditEvent) -> StreamWanted | None:
        stream = self._stream(event.stream, "read")
        if stream.credit or not 0 < event.size <= STREAM_WINDOW:
            raise _ProtocolBroken("a credit that is not due")
        stream.credit = event.size
        if event.waits:
            self._wait()
        return StreamWanted(event.stream, event.size) if self._reason is None else None

    def _on_data(self, event: messages.DataEvent) -> StreamData | None:
        stream = self._stream(event.stream, "write")
        size = len(event.data)
        if size > stream.credit or (size == 0 and not event.eof):
            raise _ProtocolBroken("stream data beyond its credit")
        stream.credit -= size
        stream.ended = event.eof
        if event.waits:
            self._wait()
        return StreamData(event.stream, event.data, event.eof) if self._reason is None else None

    def _owed(self) -> bool:
        """Whether the host owes the guest something that the guest can wait for."""
        return bool(self._open) or any(
            s.credit if s.direction == "read" else s.credit < STREAM_WINDOW
            for s in self._streams.values()
            if not s.ended
        )

    def _on_waiting(self, event: messages.WaitingEvent) -> None:
        if not self._last_waiting < event.seen <= self._answered:
            raise _ProtocolBroken("waiting at the wrong time")
        self._last_waiting = event.seen
        if event.seen == self._answered:  # else what it waits for is on its way
            self._wait()

    def _wait(self) -> None:
        if self._reason is not None:
            return  # it was not told that what it waits for will not come
        if not self._owed():
            raise _ProtocolBroken("waiting for nothing")
        self._waiting = True

    # --- the host's side -------------------------------------------------------------------

    def answer(self, call: int, ok: bool, packed: codec.Packed, now: float) -> None:
        """Answer a call: the value, or the text of an error that the guest may read.

        Calls may be answered in any order. An answer to a call that the turn no longer knows (it
        was stopped meanwhile) is dropped.
        """
        self._account(now)
        if call not in self._open:
            return
        self._open.discard(call)
        if self._host >= self.budget.host_wall and self._reason is None:
            self._end("host_wall", now)  # a function that ran inline could not be stopped meanwhile
        self._resume(
            frame_buffers({"type": "reply", "id": call, "ok": ok}, packed.body, packed.blob,
                          packed.blob_size)
        )  # fmt: skip

    def send_data(self, stream: int, data: bytes, eof: bool, now: float) -> None:
        """Send up to the wanted number of bytes of a stream; ``eof`` ends it."""
        self._account(now)
        state = self._streams[stream]
        if len(data) > state.credit:
            raise ValueError(f"{len(data)} bytes sent where {state.credit} were wanted")
        state.credit = 0
        state.ended = eof
        header = {"type": "data", "stream": stream, "eof": eof}
        self._resume(frame_buffers(header, b"", [data], len(data)))

    def consumed(self, stream: int, size: int, now: float) -> None:
        """``size`` bytes that the guest wrote are consumed; it may write as many again."""
        self._account(now)
        state = self._streams[stream]
        if state.ended or not size:
            return
        state.credit += size
        self._resume(frame_buffers({"type": "credit", "stream": stream, "size": size}))

    def _resume(self, buffers: list[Any]) -> None:
        self._waiting = False
        if self.outcome is None:
            self._answered += 1
            self._outbox.put(buffers)
            if self._outbox.size > self._most_unread:
                self._crash("Protocol", "the guest broke the protocol: it does not read")

    @property
    def open_calls(self) -> frozenset[int]:
        """Calls that were not answered."""
        return frozenset(self._open)

    # --- time ------------------------------------------------------------------------------

    def _account(self, now: float) -> None:
        passed = now - self._mark
        if passed <= 0:
            return
        self._mark = now
        if not self._waiting:
            self._wall += passed
        if self._open or self._waiting:
            self._host += passed

    def deadline(self, now: float) -> float:
        """The moment at which :meth:`expire` must be asked next; may be ``inf``."""
        if self.outcome is not None:
            return now
        if self._reason is not None:
            return min(self._kill_at, self._nudge_at)
        budget = self.budget
        moment = math.inf
        if not self._waiting:
            moment = self._mark + budget.wall - self._wall
        if self._open or self._waiting:
            moment = min(moment, self._mark + budget.host_wall - self._host)
        left = (budget.cpu - self._cpu) / (budget.threads + 1)
        return min(moment, self._cpu_mark + max(left, _MIN_CPU_CHECK))

    def expire(self, now: float, cpu: float | None = None) -> None:
        """Time has passed: end the turn if a budget is spent, kill it if the grace is over.

        Args:
            now: the monotonic clock.
            cpu: the guest's CPU clock, or None when the engine has none.
        """
        self._account(now)
        if self.outcome is not None:
            return
        if self._reason is not None:
            if now >= self._kill_at:
                self._kill()
            elif now >= self._nudge_at:
                self._nudge_at = now + NUDGE_PERIOD
                self._stop = self._stop or "nudge"
            return
        self._cpu_mark = now
        if cpu is not None:
            self._cpu = cpu - self._cpu_start
        if self._cpu >= self.budget.cpu:
            self._end("cpu", now)
        elif not self._waiting and self._wall >= self.budget.wall:
            self._end("wall", now)
        elif self._host >= self.budget.host_wall:
            self._end("host_wall", now)

    def cancel(self, now: float) -> None:
        """The caller no longer wants the result."""
        self._account(now)
        if self.outcome is not None:
            return
        if self._reason is None:
            self._end("cancelled", now, CANCEL_GRACE)
        else:  # it is being stopped already; the caller does not wait for the longer grace
            self._kill_at = min(self._kill_at, now + CANCEL_GRACE)

    def _end(self, reason: str, now: float, grace: float = INTERRUPT_GRACE) -> None:
        self._reason = reason
        self._kill_at = now + grace
        self._nudge_at = now + NUDGE_PERIOD
        self._stop = "interrupt"

    def _kill(self) -> None:
        self._stop = "kill"
        self._finish_stopped(alive=False)

    def take_stop(self) -> Literal["interrupt", "nudge", "kill"] | None:
        """What must be done to the guest now, once; a nudge is the same interrupt again."""
        stop, self._stop = self._stop, None
        return stop

    # --- the end ---------------------------------------------------------------------------

    def _done(self, event: messages.DoneEvent) -> None:
        if event.turn != self.number:
            raise _ProtocolBroken("the end of another turn")
        if self._outbox.size > self._most_unread:
            raise _ProtocolBroken("it does not read")
        if self._reason is not None:
            self._finish_stopped(alive=True)
            return
        frame = event.frame
        if event.status == "ok":
            value = codec.decode(frame.body, frame.blob, limit=self.budget.value)
            self._finish("ok", alive=True, value=value, value_size=frame.size)
            return
        if frame.size > MAX_ERROR:
            raise _ProtocolBroken("an error that is too long")
        content = codec.decode(frame.body, frame.blob, limit=4 * MAX_ERROR)
        if type(content) is not list or [type(c) for c in content] != [str, str, str]:
            raise _ProtocolBroken("an error without type, message and traceback")
        status: Literal["error", "limit"] = "limit" if event.status == "limit" else "error"
        self._finish(status, alive=True, limit=event.limit, error=ErrorInfo(*content))

    def _finish_stopped(self, *, alive: bool) -> None:
        if self._reason == "cancelled":
            self._finish(
                "cancelled", alive=alive, error=ErrorInfo("Cancelled", "the caller cancelled")
            )
            return
        message = f"the guest reached its limit {self._limit_text()}"
        error = ErrorInfo("LimitExceeded", message)
        self._finish("limit", alive=alive, limit=self._reason, error=error)

    def _limit_text(self) -> str:
        value = getattr(self.budget, self._reason or "", None)
        if value is None:  # a limit of the sandbox, whose mechanism ended the guest
            return f"{self._reason}"
        return (
            f"{self._reason}={value:g} s"
            if isinstance(value, float)
            else f"{self._reason}={value:,}"
        )

    def _crash(self, kind: str, message: str) -> None:
        if self.outcome is not None and not self.outcome.alive:
            return
        self._stop = "kill"
        self._finish("crashed", alive=False, error=ErrorInfo(kind, message))

    def ended(self, kind: str, message: str, now: float, limit: str | None = None) -> None:
        """The guest is gone (its channel ended).

        Args:
            kind: what ended it: ``SIGSEGV``, ``Exit``, …
            message: the same for people.
            now: the monotonic clock.
            limit: the limit whose own mechanism ended it (``RLIMIT_CPU``), if that is known.
        """
        self._account(now)
        if self.outcome is not None:
            return
        if self._reason is not None:
            self._finish_stopped(alive=False)
        elif limit is not None:
            self._reason = limit
            self._finish_stopped(alive=False)
        else:
            self._finish("crashed", alive=False, error=ErrorInfo(kind, message))

    def _finish(
        self,
        status: Literal["ok", "error", "limit", "crashed", "cancelled"],
        *,
        alive: bool,
        value: Any = None,
        value_size: int = 0,
        limit: str | None = None,
        error: ErrorInfo | None = None,
    ) -> None:
        for stream, decoder in self._decoders.items():
            self._text[stream].append(decoder.decode(b"", final=True))
        self._decoders = {}
        text = self._text
        self._waiting = False
        if alive:
            self._stop = None  # it ended the turn by itself, before it could be told to
        self.outcome = Outcome(
            status,
            alive,
            value,
            limit,
            error,
            "".join(text.get("stdout", ())),
            "".join(text.get("stderr", ())),
            self._displays,
            self._wall,
            self._host,
            self._output,
            self._display,
            self._calls,
            value_size,
        )
