"""A batch under way: which calls are made together, and what has come of those that were made.

Calls that return one number are made many at a time, with the budget of one. If all of them come to
their end within it, none of them has gone over; else all that they did is undone, and they are made
again one by one. What comes of each is so the same as if it had been made alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np

from ringfence._engines.micro.interpreter import (
    MOST_ROWS,
    Call,
    Interpreter,
    Raised,
)
from ringfence.model.evaluation import BatchOutcomes, Budget, CallStatus, GuestErrorInfo
from ringfence.model.packed_calls import Rows
from ringfence.wasm.embedded import EmbeddedInstance, Stopped
from ringfence.wasm.fuel import UNBOUNDED

__all__ = ["Batch", "CallKey", "State", "limit_of"]

State = Literal["loaded", "fresh", "kept"]
CallKey = tuple[int, str | None, int, bool, int]
"""What calls are made with: the script's number, what its arguments are, what it returns, and the
bytes of a record.
"""

_MOST_ERRORS: Final = 10_000
_MOST_LOCATED: Final = 100
_MOST_RECORDS: Final = 2 << 30
_UNTIL_INTERRUPT: Final = 0.002  # seconds that a call has to get to where it will be found
_MEMORY: Final = 16 << 20
_FUEL_OF_A_BYTE: Final = 20  # that scripts allocate; few take less
_GRACE: Final = 0.02
_TOO_DEEP: Final = ("pystack exhausted", "maximum recursion depth exceeded")
_NEVER: Final = float("inf")
_UNBOUNDED_FRAMES: Final = 2_000
_LIMIT, _ERROR, _OK, _CRASHED = (
    int(CallStatus.LIMIT), int(CallStatus.ERROR), int(CallStatus.OK), int(CallStatus.CRASHED)
)  # fmt: skip


def limit_of(raised: Raised) -> str | None:
    """The bound that MicroPython's own exception stands for, or None."""
    kind, message = raised.info.type, raised.info.message
    if kind == "MemoryError" and message.startswith("memory allocation failed"):
        return "memory"
    if kind == "RuntimeError" and message in _TOO_DEEP:
        return "recursion"
    return None


class Batch:
    """Calls, and what has come of them.

    Attributes:
        cancelled: whether no more of them are to be made.
        guests: how many it has taken.
        alone: how many of the next are made one by one.
    """

    def __init__(
        self,
        rows: Sequence[Rows],
        budget: Budget,
        width: int,
        dtype: str,
        record: int | None,
        state: State,
        *,
        measure: bool,
    ) -> None:
        self.rows, self.budget, self.record, self.state = rows, budget, record, state
        self.cancelled = False
        self.guests = 1
        self.alone = 0
        self.frames = _UNBOUNDED_FRAMES if budget.recursion is None else budget.recursion
        self._width, self._dtype = width, dtype
        self._whole = dtype == "int64"
        self._together = width == 1 and state != "fresh" and not measure
        self._fuel = UNBOUNDED if budget.fuel is None else budget.fuel
        self._memory = _MEMORY if budget.memory is None else int(budget.memory)
        self._wall = _NEVER if budget.wall is None else float(budget.wall)
        self._each = 0.0  # fuel, and seconds, of the calls that were made last
        self._seconds = 0.0
        self._output = bytearray()
        count = sum(one.count for one in rows)
        self._status = np.zeros(count, np.uint8)
        self._values = np.zeros((count, width), dtype)
        self._errors: dict[int, GuestErrorInfo] = {}
        self._told = self._located = 0
        self._limits: dict[int, str] = {}
        self._used = np.zeros(count, np.int64) if measure else None
        self._counts = np.zeros(count, np.int64) if record is not None else None
        self._records = bytearray()

    # --- before ----------------------------------------------------------------------------

    def key_of(self, rows: Rows, functions: Mapping[int, int]) -> CallKey:
        """What calls of a script that was loaded are made with."""
        return functions[rows.script], rows.kinds, self._width, self._whole, self.record or 0

    @property
    def output_left(self) -> int:
        """Bytes that may still be printed."""
        return max(0, int(self.budget.output) - len(self._output))

    def together(self, rows: Rows) -> int:
        """How many of the next calls are made at once."""
        if not self._together or rows.kinds is None or self.alone or not self._each:
            return 1
        by_fuel = self._fuel / (2 * self._each)
        by_time = self._wall / (2 * self._seconds)
        by_memory = self._memory * _FUEL_OF_A_BYTE / (2 * self._each)
        return max(1, int(min(MOST_ROWS, by_fuel, by_time, by_memory)))

    # --- calls -----------------------------------------------------------------------------

    def run(
        self,
        guest: Interpreter,
        call: Call,
        rows: Rows,
        first: int,
        at: int,
        end: int,
        *,
        again: bool = False,
    ) -> int:
        """Make calls ``at`` to ``end`` of some rows, until one raises; gives the first that was not
        made.

        Args:
            guest: where.
            call: what makes them.
            rows: their arguments.
            first: the place of the first of all of these rows in the batch.
            at: the first to be made.
            end: one more than the last.
            again: whether what comes of them is known already.

        Raises:
            Stopped: one of them did not come to its end. Nothing of them is noted.
        """
        instance, size = guest.instance, 0
        if rows.kinds is None:
            size = guest.tell(rows.texts[at].encode())
        for place, column in zip(call.columns, rows.columns, strict=True):
            instance.view(place, 8 * (end - at))[:] = column[8 * at : 8 * end]
        began = time.monotonic()
        instance.deadline = began + self._wall
        instance.fuel = self._fuel
        guest.go(call, end - at, size)
        used = self._fuel - instance.fuel
        instance.fuel = UNBOUNDED
        instance.deadline = _NEVER
        raised = guest.raised()
        if raised is not None and end - at > 1 and limit_of(raised) == "memory":
            # Garbage is collected between calls, and not within what is made together.
            raise Stopped("there was no memory for so many calls at once", "memory")
        made = end - at
        if raised is not None:
            made = min(max(guest.mark, 0), end - at - 1) + 1
        elif self.record is not None:
            made = min(max(guest.stopped_at, 1), end - at)
        if again:
            return at + made
        self._each = max(1.0, used / made)
        self._seconds = max(1e-9, (time.monotonic() - began) / made)
        self.alone = max(0, self.alone - made)
        begin = first + at
        if self._used is not None:
            self._used[begin] = used
        self._note(guest, begin, made if raised is None else made - 1)
        if raised is not None:
            self._note_exception(begin + made - 1, raised)
        return at + made

    def _note(self, guest: Interpreter, begin: int, count: int) -> None:
        """Note calls that have returned."""
        if not count:
            return
        place = guest.booted.whole_numbers if self._whole else guest.booted.floats
        numbers = np.frombuffer(guest.instance.view(place, 8 * count * self._width), self._dtype)
        if self.record is not None:
            self._note_records(guest, begin, numbers.copy())
            return
        self._status[begin : begin + count] = _OK
        self._values[begin : begin + count] = numbers.reshape(count, self._width)

    def _note_exception(self, at: int, raised: Raised) -> None:
        self.fail([at], raised.info, limit_of(raised))

    def _note_records(self, guest: Interpreter, begin: int, counts: Any) -> None:
        """Note calls that have returned how many records each has left."""
        assert self.record is not None
        assert self._counts is not None
        most = guest.booted.shape.records // self.record
        sound = (counts >= 0) & (counts <= most) & (counts == np.floor(counts))
        whole = np.where(sound, counts, 0).astype(np.int64)
        size = int(whole.sum()) * self.record
        if size > guest.booted.shape.gathered or len(self._records) > _MOST_RECORDS:
            raise Stopped("it tells of more records than there is room for", None)
        end = begin + len(counts)
        self._status[begin:end][sound] = _OK
        self._values[begin:end, 0] = self._counts[begin:end] = whole
        self._records += guest.instance.view(guest.booted.gathered, size)
        for index in np.flatnonzero(~sound).tolist():
            number = float(counts[index])
            if most < number < _NEVER:
                info = GuestErrorInfo("records", f"{number:g} records: at most {most} fit", "")
                self.fail([begin + index], info, "records")
            else:
                info = GuestErrorInfo("ValueError", f"{number!r} is no number of records", "")
                self.fail([begin + index], info, None)

    def find_line(self, guest: Interpreter, call: Call, rows: Rows, first: int, at: int) -> None:
        """Make a call again that was out of fuel or time, interrupt it, and note where it was.

        Raises:
            Stopped: it did not end for that.
        """
        self._located += 1
        instance, size = guest.instance, 0
        if rows.kinds is None:
            size = guest.tell(rows.texts[at].encode())
        for place, column in zip(call.columns, rows.columns, strict=True):
            instance.view(place, 8)[:] = column[8 * at : 8 * at + 8]
        instance.fuel = UNBOUNDED
        instance.interrupt_after(_UNTIL_INTERRUPT, guest.interrupt, _GRACE)
        try:
            guest.go(call, 1, size)
        finally:
            instance.deadline = _NEVER
        raised = guest.raised()
        found = raised is not None and raised.info.type == "KeyboardInterrupt"
        if raised is not None and found and raised.info.traceback:
            info = self._errors[first + at]
            self._errors[first + at] = GuestErrorInfo(
                info.type, info.message, raised.info.traceback
            )

    def has_no_line(self, at: int) -> bool:
        """Whether a call was out of fuel or time, and it is worth finding out where."""
        return self._limits.get(at) in ("fuel", "wall") and self._located < _MOST_LOCATED

    # --- failures --------------------------------------------------------------------------

    def fail(self, calls: Iterable[int], info: GuestErrorInfo, limit: str | None) -> None:
        """Note that calls have failed, for one reason."""
        for at in calls:
            self._status[at] = _ERROR if limit is None else _LIMIT
            if limit is not None:
                self._limits[at] = limit
            if self._told < _MOST_ERRORS:
                self._told += 1
                self._errors[at] = info

    def stopped(self, at: int, stopped: Stopped) -> None:
        """Note that a call was ended, and its guest with it."""
        self._status[at] = _CRASHED if stopped.limit is None else _LIMIT
        if stopped.limit is not None:
            self._limits[at] = stopped.limit
        self._errors[at] = GuestErrorInfo(stopped.limit or "Trap", str(stopped), "")
        if self._used is not None:
            self._used[at] = self._fuel if stopped.limit == "fuel" else 0
        self.alone = max(0, self.alone - 1)

    def printed(self, instance: EmbeddedInstance) -> None:
        """Take what has been printed."""
        self._output += instance.output()[: self.output_left]

    def outcomes(self) -> BatchOutcomes:
        """What has come of all of them."""
        return BatchOutcomes(
            status=self._status,
            values=self._values[:, 0] if self._width == 1 else self._values,
            errors=self._errors,
            limits=self._limits,
            fuel=self._used,
            counts=self._counts,
            records=self._records,
            output=bytes(self._output),
            guests=self.guests,
            cancelled=self.cancelled,
        )
