"""One guest and its turns: what both shells share. It moves no bytes and waits for nothing."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Literal, NamedTuple, NoReturn, cast

from ringfence.engine import FreezableGuest, Guest
from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    GuestVisibleError,
    SandboxBusy,
    SandboxClosed,
    ValidationFailed,
)
from ringfence.model import GuestErrorInfo, KeptDisplays, Limits, Result, Usage, WallSet
from ringfence.model.construct import quick
from ringfence.runtime.freezing import Frozen, Lending, refuse_freezing
from ringfence.runtime.functions import HostFunction
from ringfence.runtime.idle import Rest
from ringfence.runtime.request import Lent, Request
from ringfence.runtime.streams import Reader, Writer
from ringfence.runtime.trace import Trace, TraceEvent
from ringfence.system.forks import call_in_forked_children
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import FrameReader, FramingError, frame_behind, frame_buffers
from ringfence_guest.protocol.request_headers import RequestHeaders
from ringfence_guest.protocol.transcript import MAX_DISPLAYS
from ringfence_guest.protocol.turn import Budget, Call, Outcome, StreamData, StreamWanted, Turn

__all__ = [
    "ASK",
    "Bound",
    "HostFunctionTimeout",
    "Session",
    "check_value",
    "driving",
    "is_of_channel",
]

ASK = "input"
"""The name under which a guest asks for a line of stdin."""

driving: ContextVar[frozenset[int]] = ContextVar("ringfence_driving", default=frozenset())
"""The sandboxes whose host function is running in this context."""


class HostFunctionTimeout(Exception):
    """A call took longer than the ``timeout`` of its function."""


class Bound(NamedTuple):
    """A host call, ready to be made. ``declared`` is None for a line of stdin."""

    call: Call
    declared: HostFunction | None
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


_numbers = itertools.count(1)
_forks = 0
_make_result, _make_usage = quick(Result), quick(Usage)
_MOST = 1 << 62
_DEFAULT_VALUE = int(Limits().value)
_NOTHING_SHOWN = KeptDisplays()


class Session:
    """A guest, what it was lent, and the state that lives from turn to turn.

    Args:
        guest: a running guest.
        engine: the engine's name.
        walls: the walls that stand.
        enforced: limit or grant -> mechanism.
        limits: the sandbox's limits; a turn may narrow or widen those that are per turn.
        functions: the host functions, by name.
        modules: name -> source of modules to make importable.
        files: relative path -> content, to be there when the guest starts.
        ask: called for each line that the guest reads from stdin, or None.
        trace: called for each :class:`TraceEvent`.
        ready: the guest has said ``ready`` to who warmed it; it is charged from now on.
        prepare: called when the first turn has ended.
        image: the key of the image that the guest's memory belongs to; empty where a guest is more
            than its memory.
        discard: closes the guest, if not its own method does; who asked for the next one to be
            prepared when a turn has ended does so himself when it was the last.
        frozen: the session that it goes on from, whose memory the guest has; it knows the
            functions, modules and files already.
    """

    def __init__(
        self,
        guest: Guest,
        *,
        engine: str,
        walls: WallSet,
        enforced: Mapping[str, str],
        limits: Limits,
        functions: Mapping[str, HostFunction],
        modules: Mapping[str, str],
        files: Mapping[str, bytes],
        ask: Callable[[], str] | None,
        trace: Trace | None,
        ready: bool = False,
        prepare: Callable[[], None] | None = None,
        image: str = "",
        discard: Callable[[], None] | None = None,
        frozen: Frozen | None = None,
    ) -> None:
        self._image = image
        self._prepare, self._discard = prepare, discard
        self.guest = guest
        self._meter = guest.meter
        self.engine = engine
        self.walls = walls
        self.enforced = enforced
        self.limits = limits
        self.functions = functions
        self.ask = ask
        self.number = next(_numbers)
        self.alive = True
        self.streams: dict[int, Reader | Writer] = {}
        self.abandoned: list[str] = []
        self.displays = _NOTHING_SHOWN
        self._pid = os.getpid()
        self._forks = _forks
        self._trace = trace
        self._reader = FrameReader(0)
        self._turns = 0
        self._budget = _budget(limits)
        self._shared = 0
        # What the guest believes, which the next request corrects; who warmed it may have told it
        # something else.
        self._value = -1 if ready else _DEFAULT_VALUE
        self._ready = ready
        self._cpu = (guest.usage().cpu or 0.0) if ready else 0.0
        self._rest = Rest(guest)
        self._closed = False
        self._names = frozenset(functions) | ({ASK} if ask is not None else set())
        self._headers = RequestHeaders()
        self._turn_open = False
        self._unsent: list[Any] = []  # what goes before the next request
        if frozen is not None:
            self._turns, self._value = frozen.turns, frozen.value
            self._unsent = [frozen.unsent] if frozen.unsent else []
        elif functions or modules or files or ask is not None:
            setup = {
                "functions": [f.declaration() for f in functions.values()],
                "modules": dict(modules),
                "files": dict(files),
                "value": limits.value,
                "stdin": ask is not None,
            }
            self._value = int(limits.value)
            packed = codec.encode(setup, limit=_MOST)
            self._unsent = frame_buffers(
                {"type": "setup"}, packed.body, packed.blob, packed.blob_size
            )
        self.trace("start", engine=engine, walls=sorted(walls))

    def trace(self, kind: Any, **details: Any) -> None:
        """Report to the tracing seam."""
        if self._trace is not None:
            self._trace(TraceEvent(kind, self.number, self._turns, time.monotonic(), details))

    # --- beginning a turn ------------------------------------------------------------------

    def begin(self, request: Request) -> Turn:
        """A turn for a request, which leaves at once: the guest begins while the host still
        prepares to follow it. Ends by :meth:`finish` or :meth:`abandon`.

        Raises:
            SandboxClosed, SandboxBusy: see :meth:`check_usable`; or the last turn has no end.
            ConfigurationError: its names are longer than a header may be; nothing was sent.
        """
        self.check_usable()
        if self._turn_open:
            self._refuse_second()
        self.streams = request.streams
        self.abandoned = []
        number = self._turns + 1
        header, packed, limits = request.header, request.packed, request.limits
        self._shared, memory = 0, None
        if request.lent is not None:
            if not self._lend(header, request.lent):
                packed = request.lent.copy()
            elif request.lent.output is not None and header["type"] == "call":
                memory = memoryview(request.lent.output)
        told = self._value
        if limits.value != told:
            header["value"] = told = int(limits.value)
        try:
            head = self._headers.write(header, number)
            buffers = frame_behind(head, packed.body, packed.blob, packed.blob_size)
        except FramingError as error:  # nothing was sent
            if request.lent is not None:  # its descriptors would go with the next request
                self._break_off()
            raise ConfigurationError(f"the request is too large: {error}") from None
        self._turn_open = True
        try:
            self._value, self._turns = told, number
            if self._unsent:
                buffers = self._unsent + buffers
                self._unsent = []
            self._rest.end()
            if self._meter is not None:
                self._meter.begin(limits.fuel)
            if self._trace is not None:
                self.trace("turn_start", request=header["type"])
            now = time.monotonic()
            turn = Turn(
                number,
                self._send_ahead(buffers),
                self._reader,
                self._budget if limits is self.limits else _budget(limits),
                now=now,
                cpu=self._cpu,
                functions=self._names,
                streams=request.directions,
                fresh=self._turns == 1 and not self._ready,
                read=request.read,
                memory=memory,
            )
        except BaseException:
            # Nobody follows what may have left: no clock would end it. And what the guest has been
            # told by now is not known.
            self._break_off()
            raise
        turn.distance = self.guest.distance
        return turn

    def _send_ahead(self, buffers: list[Any]) -> list[Any]:
        """Send what can be sent of a small request; returns what is left for whoever drives the
        turn, and finds out what is wrong.
        """
        if len(buffers) > 1:
            return buffers
        try:
            sent = self.guest.channel.send(buffers)
        except OSError as error:
            if not is_of_channel(error):
                raise
            return buffers
        return [] if sent == len(buffers[0]) else [memoryview(buffers[0])[sent:]]

    def _break_off(self) -> None:
        self.alive = False
        self.stop_guest("kill")

    def _refuse_second(self) -> NoReturn:
        """An exception came between a turn's beginning and its being followed: a signal handler's,
        or for want of memory. The guest may answer what nobody waits for.
        """
        self._break_off()
        raise SandboxClosed(
            "the last turn of this sandbox was broken off as it began; make a new sandbox"
        )

    def _lend(self, header: dict[str, Any], lent: Lent) -> bool:
        """Hand the guest the memory that arrays of a request lie in; False if that cannot be."""
        if not self.guest.shares_memory:
            return False
        arenas = lent.arenas if lent.output is None else [*lent.arenas, lent.output]
        opened = [arena.open_for_guest() for arena in arenas]
        descriptors = [one for one in opened if one is not None]
        if len(descriptors) < len(opened):
            for descriptor in descriptors:
                os.close(descriptor)
            return False
        self.guest.channel.lend(descriptors)
        header["arenas"] = len(descriptors)
        self._shared = lent.size
        return True

    @property
    def cpu_used(self) -> float:
        """CPU seconds in all, as of the end of the last turn; of a warm guest those before too."""
        return self._cpu

    def pause(self) -> bool:
        """Let nothing of the guest run until its next turn; False while one runs."""
        return self._rest.begin_now()

    @property
    def belongs_here(self) -> bool:
        """Whether this process started the guest; a forked child did not."""
        return self._forks == _forks  # os.getpid() is a system call, and this is asked every turn

    def refuse_inside(self) -> None:
        """Refuse a host function of this sandbox's own: what it waits for would wait for it.

        Raises:
            SandboxBusy: it is one.
        """
        if self.number in driving.get():
            raise SandboxBusy("a sandbox cannot be used from inside one of its own host functions")

    def check_usable(self) -> None:
        """Raise what stands in the way of another turn.

        Raises:
            SandboxClosed: the guest has ended, or belongs to the process before a fork.
            SandboxBusy: called from a host function of this same sandbox.
        """
        if not self.belongs_here:
            raise SandboxClosed(
                f"this sandbox belongs to process {self._pid}; make a new one after a fork"
            )
        self.refuse_inside()
        if not self.alive:
            raise SandboxClosed("the guest of this sandbox has ended; make a new sandbox")

    # --- during a turn ---------------------------------------------------------------------

    def read_cpu(self) -> float | None:
        """The guest's CPU clock."""
        return self.guest.usage().cpu

    def serve_stream(self, turn: Turn, event: StreamWanted | StreamData) -> None:
        """Move bytes between a lent file and the guest.

        An exception of the file is the caller's: it ends the turn and is raised.
        """
        stream = self.streams[event.stream]
        if isinstance(event, StreamWanted):
            assert isinstance(stream, Reader)
            data = stream.take(event.size)
            turn.send_data(event.stream, data, not data, time.monotonic())
        else:
            assert isinstance(stream, Writer)
            if not stream.put(event.data):
                turn.cancel(time.monotonic())
                raise ConfigurationError(
                    f"the guest wrote more than the {stream.limit} bytes of a Writer"
                )
            turn.consumed(event.stream, len(event.data), time.monotonic())

    def bind(self, turn: Turn, call: Call) -> Bound | None:
        """What to call, with which arguments; None when the guest was answered already."""
        self.trace("call_start", name=call.name)
        function = self.functions.get(call.name)
        if function is None:
            assert self.ask is not None
            return Bound(call, None, self.ask, (), {})
        try:
            args, kwargs = function.bind(call.args, call.kwargs)
        except ValidationFailed as error:
            self._answer(turn, call, False, ["TypeError", f"{call.name}(): {error}"])
            self.trace("call_end", name=call.name, ok=False, error=error)
            return None
        except Exception as error:  # a validator or __post_init__ of the host's own class
            self.refuse(turn, call, error)
            return None
        return Bound(call, function, function.function, args, kwargs)

    def answer(self, turn: Turn, bound: Bound, value: Any) -> None:
        """Answer with what the function returned."""
        call = bound.call
        try:
            if bound.declared is not None:
                value = bound.declared.check_result(value)
            elif type(value) is not str:
                raise ValidationFailed(ASK, "the next line as str", type(value).__name__)
            packed = codec.encode(value, limit=turn.budget.value)
        except (
            Exception
        ) as error:  # the host's value is not what the host declared, or cannot cross
            self.refuse(turn, call, error)
            return
        turn.answer(call.id, True, packed, time.monotonic())
        self.trace("call_end", name=call.name, ok=True)

    def refuse(self, turn: Turn, call: Call, error: BaseException) -> None:
        """Answer that the function failed. The guest sees its name only, unless the error was made
        for it.
        """
        if isinstance(error, GuestVisibleError):
            message = str(error)[:4_096]
        elif isinstance(error, HostFunctionTimeout):
            message = f"{call.name} (timed out)"
        else:
            message = call.name
        self._answer(turn, call, False, ["HostFunctionError", message])
        self.trace("call_end", name=call.name, ok=False, error=error)

    def _answer(self, turn: Turn, call: Call, ok: bool, value: Any) -> None:
        turn.answer(call.id, ok, codec.encode(value, limit=_MOST), time.monotonic())

    # --- between turns ---------------------------------------------------------------------

    def freeze(self) -> Frozen:
        """The session as it is; between two turns, and it goes on.

        Raises:
            PolicyNotEnforceable: the engine's guests are more than their memory.
            SandboxClosed, SandboxBusy: see :meth:`check_usable`.
            EngineFailure: the guest has ended, or does not answer.
        """
        self.check_usable()
        if not self._image:
            raise refuse_freezing(self.engine)
        guest = cast("FreezableGuest", self.guest)
        self._rest.end()
        try:
            memory = guest.freeze()
        except EngineFailure:
            self.alive = False
            raise
        self._rest.begin()
        return Frozen(
            engine=self.engine,
            image=self._image,
            memory=memory,
            turns=self._turns,
            value=self._value,
            unsent=b"".join(self._unsent),
            scratch=(int(self.limits.disk or 0), self.limits.files),
            lending=Lending.of(self.functions, asks=self.ask is not None),
        )

    # --- ending a turn ---------------------------------------------------------------------

    def stop_guest(self, how: Literal["interrupt", "nudge", "kill"]) -> None:
        """Do what the turn orders."""
        if how == "nudge":
            self.guest.stop("interrupt")
        else:
            self.guest.stop(how)
            self.trace(how)

    def abandon(self, turn: Turn) -> None:
        """The caller left the turn early: by an exception, or with a stream that was not read to
        its end. What the guest was told is not sure any more, so it ends.
        """
        self.alive = self._turn_open = False
        self.stop_guest("kill")
        turn.ended("Abandoned", "the caller left the turn", time.monotonic())
        self._keep_displays(turn)

    def _keep_displays(self, turn: Turn) -> None:
        """Remember what the turn showed: at most as much as one turn may show."""
        if turn.outcome is not None and turn.outcome.displays:
            self.displays = self.displays.followed_by(
                turn.outcome.displays, most=MAX_DISPLAYS, size=int(self.limits.display)
            )

    def finish(
        self, turn: Turn, check: Callable[[Any], Any] | None, *, last: bool = False
    ) -> Result:
        """The result of an ended turn; ``last`` says that the guest will not be used again."""
        fuel = None if self._meter is None else self._meter.used()
        if fuel is None and self._meter is not None:
            self._refuse_uncounted(turn)
        outcome = turn.outcome
        assert outcome is not None
        if outcome.displays:
            self._keep_displays(turn)
        self.alive, self._turn_open = outcome.alive and not last, False
        used = self.guest.usage()
        cpu = None
        if used.cpu is not None:
            cpu = max(0.0, used.cpu - self._cpu)
            self._cpu = used.cpu
        if self.alive:
            self._unsent = turn.unsent()
            self._rest.begin()
        status, error, value = outcome.status, outcome.error, outcome.value
        if status == "ok" and check is not None:
            value, error = check_value(value, check)
            status = "ok" if error is None else "error"
        if self._trace is not None:
            self.trace("turn_end", status=status, limit=outcome.limit)
        if self._prepare is not None and not (last and self._discard):
            prepare, self._prepare = self._prepare, None
            prepare()
        return _make_result(
            status=status,
            limit=outcome.limit,
            value=value,
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            displays=tuple(outcome.displays),
            error=error,
            usage=_usage(outcome, cpu, fuel, used.memory, self._shared),
            enforced=self.enforced,
            engine=self.engine,
            walls=self.walls,
            alive=self.alive,
            abandoned=tuple(self.abandoned),
        )

    def _refuse_uncounted(self, turn: Turn) -> None:
        """The end of a turn says that the guest lives, and nobody has counted what it used: it is
        no end that the guest's own code makes.
        """
        if turn.outcome is not None and turn.outcome.alive:
            turn.disown("it ended a turn that goes on")
            self.stop_guest("kill")

    def close(self) -> None:
        """End the guest. May be called again, and from a forked child (where it only forgets)."""
        if self._closed:
            return
        self._closed = True
        self.alive = False
        self._rest.give_up()
        discard = self._discard if self.belongs_here else None
        (discard or self.guest.close)()
        self.trace("close")


def _count_fork() -> None:
    global _forks
    _forks += 1


call_in_forked_children(_count_fork)


def _budget(limits: Limits) -> Budget:
    return Budget(
        wall=float(limits.wall),  # type: ignore[arg-type]
        host_wall=float(limits.host_wall),  # type: ignore[arg-type]
        cpu=float(limits.cpu),  # type: ignore[arg-type]
        output=int(limits.output),
        display=int(limits.display),
        calls=limits.calls,
        value=int(limits.value),
        threads=limits.threads,
        fuel=limits.fuel,
    )


def is_of_channel(error: OSError) -> bool:
    """Whether a channel has raised this: what the kernel says has a number. Any other comes from a
    signal handler that ran meanwhile, such as a ``TimeoutError``, and is the caller's.
    """
    return error.errno is not None


def check_value(value: Any, check: Callable[[Any], Any]) -> tuple[Any, GuestErrorInfo | None]:
    """The value as the caller declared it, or what is wrong with it."""
    try:
        return check(value), None
    except ValidationFailed as failure:
        return None, GuestErrorInfo("ValidationFailed", str(failure))
    except Exception as failure:  # a validator or __post_init__ of the caller's own class
        return None, GuestErrorInfo("ValidationFailed", f"value: {type(failure).__name__}")


def _usage(
    outcome: Outcome, cpu: float | None, fuel: int | None, memory: int | None, shared: int
) -> Usage:
    return _make_usage(
        wall=outcome.wall,
        host_wall=outcome.host_wall,
        cpu=cpu,
        fuel=fuel,
        steps=None,
        output=outcome.output,
        display=outcome.display,
        calls=outcome.calls,
        value=outcome.value_size,
        memory=memory,
        shared=shared,
    )
