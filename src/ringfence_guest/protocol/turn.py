"""One request, from its frame to its final event: a pure state machine.

It does no I/O and reads no clock. A shell (:mod:`ringfence.runtime`) moves the bytes, tells the
time, runs the host functions, and does what :meth:`Turn.take_stop` orders. Both shells drive this
same class, so they cannot disagree.

When a budget ends the turn is interrupted, and killed when the guest has not ended the turn within
the grace. What a turn counts is counted beside it: time in :mod:`.clock`, calls in :mod:`.calls`,
what the guest shows in :mod:`.transcript`, byte streams in :mod:`.lent_streams`, questions about
files in :mod:`.files`. :mod:`.stopping` ends it by force, and :mod:`.report` has what it tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ringfence_guest.protocol import codec, messages
from ringfence_guest.protocol.budget import Budget, BudgetSpent
from ringfence_guest.protocol.calls import Calls
from ringfence_guest.protocol.clock import Clock
from ringfence_guest.protocol.files import FileQuestion, Files
from ringfence_guest.protocol.framing import Frame, FrameReader, FramingError, Outbox, frame_buffers
from ringfence_guest.protocol.lent_streams import STREAM_WINDOW, LentStreams
from ringfence_guest.protocol.messages import ProtocolBroken
from ringfence_guest.protocol.pace import Pace
from ringfence_guest.protocol.payloads import read_error
from ringfence_guest.protocol.report import (
    Call,
    Display,
    ErrorInfo,
    FileAnswer,
    Outcome,
    Output,
    Progress,
    Status,
    StreamData,
    StreamWanted,
    TurnEvent,
    limit_reached,
)
from ringfence_guest.protocol.stopping import CANCEL_GRACE, INTERRUPT_GRACE, Stopping
from ringfence_guest.protocol.transcript import Transcript

__all__ = [
    "UNREAD",
    "Budget",
    "Call",
    "Display",
    "ErrorInfo",
    "FileAnswer",
    "FileQuestion",
    "Outcome",
    "Output",
    "Progress",
    "StreamData",
    "StreamWanted",
    "Turn",
]

UNREAD = 64 << 20
"""Bytes that may wait for a guest to read them, beyond four values of the largest size and a window
for each stream: a guest that calls and does not read could otherwise fill the host's memory."""

_SPARE_PAYLOAD = 65_536
_NO_STREAMS = LentStreams({})
_NOTHING_SHOWN = Transcript(Budget())


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
        read: makes of the value what the request asked for; raises ProtocolBroken for what no
            honest guest sends.
        memory: what the guest may put the blob of its value in; it goes on writing there.
    """

    outcome: Outcome | None = None
    _last_waiting = -1
    _answered = 0
    _stopping: Stopping | None = None
    _order: Literal["interrupt", "nudge", "kill"] | None = None
    pace: Pace | None = None
    """Set for a batch: how long one call of it may take."""

    distance = 0.0
    """Seconds beyond any grace that an interrupt may be on its way."""

    _streams = _NO_STREAMS
    _transcript = _NOTHING_SHOWN
    _files: Files | None = None

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
        read: Callable[[Any], Any] | None = None,
        memory: memoryview | None = None,
    ) -> None:
        self.number, self.budget, self._reader, self._read = number, budget, reader, read
        self._memory = memory
        self._plain_end = messages.PLAIN_END % number
        reader.max_payload = max(budget.value, budget.display, 2 * STREAM_WINDOW) + _SPARE_PAYLOAD
        self._outbox = Outbox()
        self._outbox.put(request)
        if streams:
            self._streams = LentStreams(streams)
        self._expects_ready = fresh
        self._calls = Calls(functions, budget)
        self._clock = Clock(budget, self._calls.open, now, cpu)

    # --- bytes -----------------------------------------------------------------------------

    @property
    def writable(self) -> bool:
        """Whether there is something to write."""
        return self._outbox.size > 0

    def outgoing(self) -> list[memoryview]:
        """Buffers to write now, if there are any; report what was written with :meth:`sent`."""
        return self._outbox.peek()

    def sent(self, size: int) -> bool:
        """``size`` bytes of :meth:`outgoing` were written; returns whether more wait."""
        return self._outbox.sent(size)

    def unsent(self) -> list[memoryview]:
        """What is left to write when the turn has ended: part of an answer that the guest no longer
        waited for. It must go before the next request, or the guest would lose its place.
        """
        return self._outbox.peek(len(self._outbox)) if self._outbox.size else []

    def buffer(self) -> memoryview:
        """Where the next bytes from the guest go; report them with :meth:`received`."""
        return self._reader.buffer()

    def received(self, size: int, now: float) -> list[TurnEvent]:
        """``size`` bytes came; returns what they mean, and may end the turn or order a stop."""
        self._clock.advance(now)
        if not (
            self._expects_ready
            or self._outbox.size > UNREAD
            or self._stopping is not None
            or self.outcome is not None
        ):  # what comes may be the end of the turn and nothing else
            body = self._reader.take_whole(size, self._plain_end)
            if body is not None:
                self._end_plainly(body)
                return []
        events: list[TurnEvent] = []
        broken: FramingError | None = None
        try:
            frames = self._reader.received(size)
        except FramingError as error:
            frames, broken = list(error.frames), error
        try:
            for frame in frames:
                if self.outcome is not None:
                    raise ProtocolBroken("a frame after the end of the turn")
                event = self._handle(frame, now)
                if event is not None:
                    events.append(event)
            if broken is not None:
                raise broken
            if self.outcome is not None and self._reader.pending:
                raise ProtocolBroken("bytes after the end of the turn")
        except (ProtocolBroken, FramingError, messages.MessageError, codec.DecodeError) as error:
            self._break(error)
            events = [e for e in events if not isinstance(e, Call | StreamWanted | StreamData)]
        return events

    # --- events ----------------------------------------------------------------------------

    def _handle(self, frame: Frame, now: float) -> TurnEvent | None:
        event = messages.read_event(frame)
        if self._expects_ready != isinstance(event, messages.ReadyEvent):
            raise ProtocolBroken("ready at the wrong time")
        try:
            match event:
                case messages.DoneEvent():
                    self._done(event)
                case messages.StoredEvent():
                    self._stored(event)
                case messages.OutputEvent():  # while it is being stopped too: it may be older
                    return self._shown().print(event)
                case messages.CallEvent():
                    return self._on_call(event)
                case messages.ReadyEvent():
                    self._expects_ready = False
                case messages.WaitingEvent():
                    self._on_waiting(event)
                case messages.DisplayEvent():
                    return None if self._stopping else self._shown().show(event)
                case messages.ProgressEvent():
                    return None if self._stopping else self._shown().progress(event)
                case messages.CreditEvent():
                    return self._on_credit(event)
                case messages.FileEvent():
                    return self._asked().answer(event, self.budget.value)
                case _:
                    return self._on_data(event)
        except BudgetSpent as spent:
            if self._stopping is None:
                self._end(spent.part, now)
        return None

    def _shown(self) -> Transcript:
        if self._transcript is _NOTHING_SHOWN:
            self._transcript = Transcript(self.budget)
        return self._transcript

    def _asked(self) -> Files:
        if self._files is None:
            self._files = Files()
        return self._files

    def _on_call(self, event: messages.CallEvent) -> Call | None:
        self._calls.check(event)
        if self._stopping is not None:
            return None
        call = self._calls.begin(event)
        if event.waits:
            self._wait()
        return call

    def _on_credit(self, event: messages.CreditEvent) -> StreamWanted | None:
        self._streams.guest_wants(event.stream, event.size)
        if event.waits:
            self._wait()
        return StreamWanted(event.stream, event.size) if self._stopping is None else None

    def _on_data(self, event: messages.DataEvent) -> StreamData | None:
        self._streams.guest_wrote(event.stream, len(event.data), event.eof)
        if event.waits:
            self._wait()
        return StreamData(event.stream, event.data, event.eof) if self._stopping is None else None

    def _on_waiting(self, event: messages.WaitingEvent) -> None:
        if not self._last_waiting < event.seen <= self._answered:
            raise ProtocolBroken("waiting at the wrong time")
        self._last_waiting = event.seen
        if event.seen == self._answered:  # else what it waits for is on its way
            self._wait()

    def _wait(self) -> None:
        if self._stopping is not None:
            return  # it was not told that what it waits for will not come
        if not self._calls.open and not self._streams.owe():
            raise ProtocolBroken("waiting for nothing")
        self._clock.waiting = True

    # --- the host's side -------------------------------------------------------------------

    def answer(self, call: int, ok: bool, packed: codec.Packed, now: float) -> None:
        """Answer a call: the value, or the text of an error that the guest may read.

        Calls may be answered in any order. An answer to a call that the turn no longer knows (it
        was stopped meanwhile) is dropped.
        """
        self._clock.advance(now)
        if call not in self._calls.open:
            return
        self._calls.open.discard(call)
        if self._clock.host_spent and self._stopping is None:
            self._end("host_wall", now)  # a function that ran inline could not be stopped meanwhile
        header = {"type": "reply", "id": call, "ok": ok}
        self._resume(frame_buffers(header, packed.body, packed.blob, packed.blob_size))

    def send_data(self, stream: int, data: bytes, eof: bool, now: float) -> None:
        """Send up to the wanted number of bytes of a stream; ``eof`` ends it."""
        self._clock.advance(now)
        self._streams.host_sends(stream, len(data), eof)
        header = {"type": "data", "stream": stream, "eof": eof}
        self._resume(frame_buffers(header, b"", [data], len(data)))

    def consumed(self, stream: int, size: int, now: float) -> None:
        """``size`` bytes that the guest wrote are consumed; it may write as many again."""
        self._clock.advance(now)
        if self._streams.host_consumed(stream, size):
            self._resume(frame_buffers({"type": "credit", "stream": stream, "size": size}))

    def ask(self, question: FileQuestion, now: float) -> int | None:
        """Ask about a file while the turn goes on; the guest answers when it next waits for the
        host. Returns the number that the answer will carry, or None when the turn is ending.

        Raises:
            ValueError: another question is open.
        """
        self._clock.advance(now)
        if self.outcome is not None or self._stopping is not None:
            return None
        number = self.expect(question)
        header, packed = {"type": "file", "turn": self.number, "id": number}, question.packed
        # No _resume: the guest waits for something else, and goes on to wait.
        self._outbox.put(frame_buffers(header, packed.body, packed.blob, packed.blob_size))
        return number

    def expect(self, question: FileQuestion) -> int:
        """The request of this turn was a question; returns the number of its answer."""
        return self._asked().open(question)

    def _resume(self, buffers: list[Any]) -> None:
        self._clock.waiting = False
        if self.outcome is None:
            self._answered += 1
            self._outbox.put(buffers)
            if self._overfull:
                self._crash("Protocol", "the guest broke the protocol: it does not read")

    @property
    def _overfull(self) -> bool:
        """Whether more waits for the guest to read than an honest one leaves."""
        waiting = self._outbox.size
        return waiting > UNREAD and waiting > (
            UNREAD + 4 * self.budget.value + STREAM_WINDOW * self._streams.count
        )

    @property
    def open_calls(self) -> frozenset[int]:
        """Calls that were not answered."""
        return frozenset(self._calls.open)

    # --- time, and ending by force ---------------------------------------------------------

    def deadline(self, now: float) -> float:
        """The moment at which :meth:`expire` must be asked next; may be ``inf``."""
        if self.outcome is not None:
            return now
        if self._stopping is not None:
            return self._stopping.next_look()
        look = self._clock.next_look()
        return look if self.pace is None else min(look, self.pace.next_look())

    def expire(self, now: float, cpu: float | None = None) -> None:
        """Time has passed: end the turn if a budget is spent, kill it if the grace is over.

        Args:
            now: the monotonic clock.
            cpu: the guest's CPU clock, or None when the engine has none.
        """
        self._clock.advance(now)
        if self.outcome is not None:
            return
        if self._stopping is None:
            spent = self._clock.look(now, cpu)
            if spent is not None:
                self._end(spent, now)
            elif self.pace is not None and self.pace.stalled(now):
                self._end("each", now, 0.0)  # it may be deep in C: nothing is waited for
            return
        order = self._stopping.order(now)
        if order == "kill":
            self._order = "kill"
            self._finish_stopped(self._stopping.reason, alive=False)
        elif order is not None:
            self._order = self._order or order

    def rested(self, now: float) -> None:
        """The shell was kept from its work since it last told the time: that is nobody's time."""
        passed = self._clock.skip(now)
        if self._stopping is not None:
            self._stopping.delay(passed)

    def cancel(self, now: float) -> None:
        """The caller no longer wants the result."""
        self._clock.advance(now)
        if self.outcome is not None:
            return
        if self._stopping is None:
            self._end("cancelled", now, CANCEL_GRACE)
        else:  # the caller does not wait for the longer grace
            self._stopping.hasten(now, CANCEL_GRACE + self.distance)

    def _end(self, reason: str, now: float, grace: float = INTERRUPT_GRACE) -> None:
        self._stopping = Stopping(reason, now, grace + self.distance if grace else 0.0)
        self._order = "interrupt"

    def take_stop(self) -> Literal["interrupt", "nudge", "kill"] | None:
        """What must be done to the guest now, once; a nudge is the same interrupt again."""
        order, self._order = self._order, None
        return order

    # --- the end ---------------------------------------------------------------------------

    def _is_stopped(self, number: int) -> bool:
        """The guest says that a turn has ended; whether this one did before."""
        if number != self.number:
            raise ProtocolBroken("the end of another turn")
        if self._overfull:
            raise ProtocolBroken("it does not read")
        if self._stopping is None:
            return False
        self._finish_stopped(self._stopping.reason, alive=True)
        return True

    def _stored(self, event: messages.StoredEvent) -> None:
        memory = self._memory
        if memory is None or event.size > len(memory):
            raise ProtocolBroken("a value in memory that was not lent")
        if not self._is_stopped(event.turn):
            # Copied before anything of it is looked at.
            self._succeed(event.frame.body, memoryview(bytearray(memory[: event.size])))

    def _done(self, event: messages.DoneEvent) -> None:
        if self._is_stopped(event.turn):
            return
        frame = event.frame
        if event.status == "ok":
            self._succeed(frame.body, frame.blob)
            return
        status: Literal["error", "limit"] = "limit" if event.status == "limit" else "error"
        self._finish(status, alive=True, limit=event.limit, error=read_error(frame))

    def _end_plainly(self, body: bytes) -> None:
        """The turn ended with a ``done`` that says ``ok``."""
        try:
            self._succeed(body, b"")
        except (codec.DecodeError, ProtocolBroken) as error:
            self._break(error)

    def _succeed(self, body: bytes, blob: bytes | memoryview) -> None:
        value = codec.decode(body, blob, limit=self.budget.value)
        if self._read is not None:
            value = self._read(value)
        self._finish("ok", alive=True, value=value, value_size=len(body) + len(blob))

    def _finish_stopped(self, reason: str, *, alive: bool) -> None:
        if reason == "cancelled":
            error = ErrorInfo("Cancelled", "the caller cancelled")
            self._finish("cancelled", alive=alive, error=error)
            return
        error = limit_reached(reason, self.budget)
        self._finish("limit", alive=alive, limit=reason, error=error)

    def _break(self, error: ValueError) -> None:
        self._crash("Protocol", f"the guest broke the protocol: {error}")

    def disown(self, why: str) -> None:
        """The turn has ended as no honest guest ends one; the guest is to be killed."""
        self._crash("Protocol", f"the guest broke the protocol: {why}")

    def _crash(self, kind: str, message: str) -> None:
        if self.outcome is not None and not self.outcome.alive:
            return
        self._order = "kill"
        self._finish("crashed", alive=False, error=ErrorInfo(kind, message))

    def ended(self, kind: str, message: str, now: float, limit: str | None = None) -> None:
        """The guest is gone (its channel ended).

        Args:
            kind: what ended it: ``SIGSEGV``, ``Exit``, …
            message: the same for people.
            now: the monotonic clock.
            limit: the limit whose own mechanism ended it (``RLIMIT_CPU``), if that is known.
        """
        self._clock.advance(now)
        if self.outcome is not None:
            return
        if self._stopping is not None:
            self._finish_stopped(self._stopping.reason, alive=False)
        elif limit is not None:
            self._finish_stopped(limit, alive=False)
        else:
            self._finish("crashed", alive=False, error=ErrorInfo(kind, message))

    def _finish(
        self,
        status: Status,
        *,
        alive: bool,
        value: Any = None,
        value_size: int = 0,
        limit: str | None = None,
        error: ErrorInfo | None = None,
    ) -> None:
        clock, transcript = self._clock, self._transcript
        clock.waiting = False
        if alive:
            self._order = None  # it ended the turn by itself, before it could be told to
        stdout, stderr = transcript.close()
        self.outcome = Outcome(
            status, alive, value, limit, error, stdout, stderr, list(transcript.displays),
            clock.wall, clock.host, transcript.output, transcript.display,
            self._calls.count, value_size,
        )  # fmt: skip
