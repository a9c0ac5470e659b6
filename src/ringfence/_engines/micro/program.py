"""Scripts in MicroPython, called in batches."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Self

from ringfence._engines.micro.batch import Batch, CallKey, State, limit_of
from ringfence._engines.micro.interpreter import (
    INBOX,
    MOST_ARGUMENTS,
    MOST_WIDTH,
    Booted,
    Call,
    Interpreter,
    Raised,
)
from ringfence.engine import Cancel
from ringfence.errors import EngineFailure, PolicyNotEnforceable, SandboxClosed
from ringfence.model.evaluation import (
    BatchOutcomes,
    Budget,
    Called,
    Calls,
    CallStatus,
    GuestErrorInfo,
    Script,
)
from ringfence.model.packed_calls import Crossing, Rows, check_request, pack_calls
from ringfence.wasm.embedded import EmbeddedInstance, Frozen, Stopped
from ringfence.wasm.fuel import UNBOUNDED
from ringfence.wasm.stack import has_own_room, run_with_room

__all__ = ["DEFAULT_BUDGET", "MicroProgram", "Started", "shape_numbers"]

DEFAULT_BUDGET: Final = Budget()
_FLOAT = struct.Struct("<d")
_CROSSING: Final = Crossing("micro", MOST_ARGUMENTS, INBOX)
_KINDS: Final = {float: "d", int: "q"}
_PACK: Final = {"d": _FLOAT.pack_into, "q": struct.Struct("<q").pack_into}
_LIMIT, _ERROR, _OK, _CRASHED = (
    int(CallStatus.LIMIT), int(CallStatus.ERROR), int(CallStatus.OK), int(CallStatus.CRASHED)
)  # fmt: skip
_WHOLE: Final = 1 << 63
_NEVER: Final = float("inf")
_MOST_PRINTED: Final = 1 << 20
_MOST_OUTPUT: Final = 1_000_000
_PATIENCE: Final = 5.0
_MOST_IMAGES: Final = 4
_MOST_SINCE: Final = 16  # times that calls are made together, between two checkpoints

Start = Callable[[int], EmbeddedInstance]


class Started(NamedTuple):
    """Scripts that are loaded.

    Attributes:
        state: the memory of their guest.
        booted: what it was started as.
        functions: of each script that was loaded, its number in the guest.
        failed: of each other, why.
    """

    state: Frozen
    booted: Booted
    functions: Mapping[int, int]
    failed: Mapping[int, tuple[GuestErrorInfo, str | None]]


def shape_numbers(budget: Budget) -> tuple[int, int]:
    """The bytes of the heap and of the buffer for records.

    Raises:
        PolicyNotEnforceable: there is no room for so many.
    """
    memory = (16 << 20) if budget.memory is None else int(budget.memory)
    if not 64 << 10 <= memory <= 1 << 30:
        raise PolicyNotEnforceable(
            f"micro: memory={budget.memory} cannot be held: 64 KiB to 1 GiB can"
        )
    records = int(budget.records)
    if records > 1 << 30:
        raise PolicyNotEnforceable(f"micro: records={records} cannot be had: 1 GiB at most")
    if int(budget.output) > _MOST_OUTPUT:
        raise PolicyNotEnforceable(
            f"micro: output={budget.output} cannot be kept: {_MOST_OUTPUT:,} bytes at most"
        )
    return memory, records


class _Image(NamedTuple):
    """What a call may change, as a batch begins, and what its calls are made with."""

    memory: bytes
    calls: dict[CallKey, Call]


@dataclass
class _Checkpoint:
    """What a call may change, and the calls that were made since: rows, first, at, end."""

    memory: bytes
    made: list[tuple[Rows, int, int, int]]


class MicroProgram:
    """See :class:`ringfence.engine.Program`. Threads take turns.

    Args:
        started: the scripts.
        scripts: how many there are.
        start: gives an instance that has never run, with room for so many bytes of memory.
        budget: what they were compiled for.
    """

    def __init__(
        self, started: Started, scripts: Sequence[Script], start: Start, budget: Budget
    ) -> None:
        self._started = started
        self._budget = budget
        self._ready_for = -1  # arguments of the calls that the guest is set up for
        self._scripts = scripts
        self._start = start
        self._turn = threading.Lock()
        self._pid = os.getpid()
        self._closed = False
        self._guest: Interpreter | None = None
        self._images: dict[tuple[CallKey, ...], _Image] = {}
        self._image = _Image(b"", {})  # as a batch begins
        self._calls: dict[CallKey, Call] = {}  # of the guest as it is now

    @property
    def failed(self) -> Mapping[int, GuestErrorInfo]:
        return {index: info for index, (info, _) in self._started.failed.items()}

    def evaluate(
        self,
        calls: Sequence[Calls],
        budget: Budget | None = None,
        *,
        width: int = 1,
        dtype: Literal["float64", "int64"] = "float64",
        record: int | None = None,
        state: State = "loaded",
        measure: bool = False,
        cancel: Cancel | None = None,
    ) -> BatchOutcomes:
        budget = budget or self._budget
        check_request(width, dtype, record, state, MOST_WIDTH)
        shape = self._started.booted.shape
        if shape_numbers(budget) != tuple(shape):
            raise PolicyNotEnforceable(
                f"micro: this program was compiled for memory={shape.memory} and "
                f"records={shape.records}; compile it with this budget"
            )
        rows = [pack_calls(one, len(self._scripts), _CROSSING) for one in calls]
        batch = Batch(rows, budget, width, dtype, record, state, measure=measure)
        if self._pid != os.getpid():
            raise SandboxClosed("the program belongs to the process before a fork")
        with self._turn:
            if self._closed:
                raise SandboxClosed("the program was closed")
            run_with_room(self._make, batch, cancel)
        return batch.outcomes()

    def call(self, *numbers: float, script: int = 0) -> Called:
        """Call a script's function once, with the budget that it was compiled with: quicker than a
        batch of one call, and the same as one with ``state="kept"``. What it prints is dropped.

        Args:
            numbers: int or float.
            script: its place among the scripts.

        Raises:
            ConfigurationError, SandboxClosed, EngineFailure: see :meth:`evaluate`.
        """
        with self._turn:
            guest = self._guest
            kinds = "".join([_KINDS.get(type(number), "t") for number in numbers])
            key = (self._started.functions.get(script, -1), kinds, 1, False, 0)
            made = self._calls.get(key)
            ready = self._ready_for == len(numbers) and self._pid == os.getpid() and has_own_room()
            if guest is not None and made is not None and ready and _fit(numbers):
                for place, kind, number in zip(made.columns, kinds, numbers, strict=True):
                    _PACK[kind](guest.instance.view(place, 8), 0, number)
                return self._call(guest, made)
        done = self.evaluate(
            [Calls(script=script, columns=[[number] for number in numbers], count=1)],
            self._budget,
            state="kept",
        )
        self._ready_for = len(numbers)
        return Called(
            int(done.status[0]), float(done.values[0]), done.errors.get(0), done.limits.get(0)
        )

    def _call(self, guest: Interpreter, call: Call) -> Called:
        """Make one call, whose arguments are where they belong."""
        instance, budget = guest.instance, self._budget
        instance.fuel = UNBOUNDED if budget.fuel is None else budget.fuel
        instance.deadline = _NEVER if budget.wall is None else time.monotonic() + budget.wall
        instance.watched(True)
        try:
            guest.go(call, 1)
            instance.fuel = UNBOUNDED
            raised = guest.raised()
        except Stopped as stopped:
            self._discard()
            info = GuestErrorInfo(stopped.limit or "Trap", str(stopped), "")
            return Called(_CRASHED if stopped.limit is None else _LIMIT, 0.0, info, stopped.limit)
        instance.watched(False)
        instance.deadline = _NEVER
        instance.output()
        if raised is not None:
            limit = limit_of(raised)
            return Called(_ERROR if limit is None else _LIMIT, 0.0, raised.info, limit)
        value: float = _FLOAT.unpack(instance.view(guest.booted.floats, 8))[0]
        return Called(_OK, value)

    # --- guests ----------------------------------------------------------------------------

    def _fresh_guest(self) -> Interpreter:
        """A guest as the scripts were loaded."""
        started = self._started
        instance = self._start(started.state.size)
        try:
            instance.thaw(started.state)
        except Stopped as error:
            instance.close()
            raise EngineFailure(f"micro: no guest can be had: {error}") from error
        return Interpreter(instance, started.booted)

    def _prepare(self, batch: Batch) -> Interpreter:
        """A guest with what the calls of a batch need.

        Raises:
            Stopped, Raised: it has no memory for that.
        """
        functions = self._started.functions
        keys = dict.fromkeys(
            batch.key_of(rows, functions) for rows in batch.rows if rows.script in functions
        )
        if not (batch.state == "kept" and self._keep(keys)):
            self._image = self._images.get(tuple(keys)) or self._make_image(tuple(keys))
            if self._guest is None:
                self._guest = self._fresh_guest()
            self._guest.instance.rewind(self._image.memory)
            self._calls = dict(self._image.calls)
        assert self._guest is not None
        self._guest.instance.fuel = UNBOUNDED
        self._guest.instance.limit_output(batch.output_left)
        return self._guest

    def _keep(self, keys: Iterable[CallKey]) -> bool:
        """Whether the guest that is there can go on; one that has no memory left, or was broken, is
        gone then.
        """
        if self._guest is None:
            return False
        self._guest.instance.deadline = time.monotonic() + _PATIENCE
        self._guest.instance.watched(True)
        try:
            self._adapt(self._guest, keys)
        except (Stopped, Raised):
            self._discard()
            return False
        self._guest.instance.watched(False)
        self._guest.instance.deadline = _NEVER
        return True

    def _make_image(self, keys: tuple[CallKey, ...]) -> _Image:
        """The guest as it was loaded, with what some calls are made with: the same in every process
        and after whatever has run.
        """
        self._discard()  # it has run scripts, which may have broken it
        guest = self._guest = self._fresh_guest()
        self._calls = {}
        self._adapt(guest, keys)
        image = _Image(self._memory(guest), dict(self._calls))
        while len(self._images) >= _MOST_IMAGES:
            self._images.pop(next(iter(self._images)))
        self._images[keys] = image
        return image

    def _adapt(self, guest: Interpreter, keys: Iterable[CallKey]) -> None:
        guest.instance.fuel = UNBOUNDED
        for key in keys:
            if key not in self._calls:
                function, kinds, width, whole, record = key
                self._calls[key] = guest.adapt(
                    function, kinds, width=width, whole_numbers=whole, record=record
                )

    def _memory(self, guest: Interpreter) -> bytes:
        """All that a call may change, but for the buffers."""
        return bytes(guest.instance.view(0, self._started.booted.inbox))

    def _replace(self, batch: Batch) -> Interpreter:
        """Another guest in place of one that was stopped, as the batch began."""
        self._discard()
        guest = self._prepare(batch)
        guest.instance.watched(True)
        return guest

    # --- a batch ---------------------------------------------------------------------------

    def _make(self, batch: Batch, cancel: Cancel | None) -> None:
        """Make the calls of a batch."""

        def stop() -> None:
            batch.cancelled = True
            guest = self._guest
            if guest is not None:
                guest.instance.stop()

        self._ready_for = -1
        try:
            guest = self._prepare(batch)
            guest.instance.watched(True)
            if cancel is not None:
                cancel.tell(stop)
            self._make_all(batch, guest)
            if self._guest is not None:
                batch.printed(self._guest.instance)
                self._guest.instance.watched(False)
        except BaseException as error:
            self._discard()
            if isinstance(error, Stopped | Raised):
                if batch.cancelled:  # while the next guest was got ready
                    return
                raise EngineFailure(f"micro: the batch cannot be made: {error}") from error
            raise
        finally:
            if cancel is not None:
                cancel.forget(stop)
            if batch.cancelled:
                self._discard()

    def _make_all(self, batch: Batch, guest: Interpreter) -> None:
        first = 0
        for rows in batch.rows:
            failed = self._started.failed.get(rows.script)
            if failed is not None:
                batch.fail(range(first, first + rows.count), *failed)
            elif rows.count:
                guest = self._make_rows(batch, guest, rows, first)
            first += rows.count

    def _make_rows(self, batch: Batch, guest: Interpreter, rows: Rows, first: int) -> Interpreter:
        """Make all calls of some rows; gives the guest that is there then."""
        key = batch.key_of(rows, self._started.functions)
        arguments = len(rows.kinds or ())
        guest.limit_frames(batch.frames, arguments)
        checkpoint: _Checkpoint | None = None
        at = 0
        while at < rows.count and not batch.cancelled:
            end = min(at + batch.together(rows), rows.count)
            several = end > at + 1
            if not several:
                checkpoint = None
            elif checkpoint is None or len(checkpoint.made) >= _MOST_SINCE:
                checkpoint = _Checkpoint(self._memory(guest), [])
            if several:
                batch.printed(guest.instance)
                guest.instance.limit_output(batch.output_left)
            try:
                made = batch.run(guest, self._calls[key], rows, first, at, end)
            except Stopped as stopped:
                if stopped.limit == "cancel":
                    batch.cancelled = True
                    break
                if checkpoint is not None:  # which of them it was: they are made one by one
                    batch.alone = end - at
                    guest = self._return_to(batch, checkpoint, key)
                    guest.limit_frames(batch.frames, arguments)
                    checkpoint = None
                else:
                    batch.printed(guest.instance)
                    batch.stopped(first + at, stopped)
                    batch.guests += 1
                    guest = self._replace(batch)
                    guest.limit_frames(batch.frames, arguments)
                    if batch.has_no_line(first + at):
                        guest = self._find_line(batch, guest, rows, first, at)
                    at += 1
                continue
            if checkpoint is not None:
                checkpoint.made.append((rows, first, at, made))
            at = made
            if batch.state == "fresh":
                self._rewind(batch, guest)
                guest.limit_frames(batch.frames, arguments)
        return guest

    def _find_line(
        self, batch: Batch, guest: Interpreter, rows: Rows, first: int, at: int
    ) -> Interpreter:
        """Find out where a call was that was stopped; gives a guest as the batch began."""
        key = batch.key_of(rows, self._started.functions)
        guest.instance.limit_output(_MOST_PRINTED)
        try:
            batch.find_line(guest, self._calls[key], rows, first, at)
        except Stopped as stopped:
            batch.cancelled = batch.cancelled or stopped.limit == "cancel"
            guest = self._replace(batch)
        else:
            guest.instance.output()
            guest.instance.rewind(self._image.memory)
            guest.instance.limit_output(batch.output_left)
        guest.limit_frames(batch.frames, len(rows.kinds or ()))
        return guest

    def _return_to(self, batch: Batch, checkpoint: _Checkpoint, key: CallKey) -> Interpreter:
        """Another guest, as one was before it was stopped in calls that were made together."""
        calls = self._calls
        guest = self._replace(batch)
        guest.instance.rewind(checkpoint.memory)
        self._calls = calls
        guest.instance.limit_output(_MOST_PRINTED)  # what is printed again was counted already
        try:
            for rows, first, at, end in checkpoint.made:
                batch.run(guest, calls[key], rows, first, at, end, again=True)
                guest.instance.output()
        except Stopped as stopped:  # it does something else this time: its buffers are others
            batch.cancelled = batch.cancelled or stopped.limit == "cancel"
            return self._replace(batch)
        guest.instance.limit_output(batch.output_left)
        return guest

    def _rewind(self, batch: Batch, guest: Interpreter) -> None:
        """Make a guest what it was when the batch began."""
        guest.instance.rewind(self._image.memory)
        if batch.record is not None:
            booted = self._started.booted
            guest.instance.view(booted.records, booted.shape.records)[:] = bytes(
                booted.shape.records
            )

    def _discard(self) -> None:
        guest, self._guest = self._guest, None
        self._ready_for = -1
        if guest is not None:
            guest.instance.watched(False)
            guest.instance.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._discard()


def _fit(numbers: Sequence[float]) -> bool:
    """Whether whole numbers are of 64 bits; others cross as text."""
    return all(type(one) is float or -_WHOLE <= one < _WHOLE for one in numbers)
