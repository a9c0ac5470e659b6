"""Thousands of short calls of one guest function in one round trip: an evaluator over any guest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ringfence.errors import ConfigurationError
from ringfence.model import GuestErrorInfo, Result
from ringfence.runtime.arena import Arena, place_of
from ringfence.runtime.program_guest import ProgramGuest
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.request import batch_request
from ringfence_guest.protocol.batches import CallStatus, Layout

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CallStatus", "GuestProgram", "Outcomes"]

Column = Any
"""An argument of every call: a list, or a NumPy array of one dimension."""

_MOST_CALLS = 10_000_000
_MOST_WIDTH = 1 << 20
_KINDS: Mapping[str, str] = {"float64": "d", "int64": "q"}
_MOST_SPARES = 64


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What came of a batch.

    Attributes:
        status: a :class:`CallStatus` for each call, uint8: it was not made (the batch was
            cancelled, or ended at a limit before), returned, raised, took longer than ``each``, or
            the guest died in it.
        values: the numbers of each call, ``(calls,)`` or ``(calls, width)``; 0 where it is not OK.
        errors: index -> what went wrong, of the first hundred failures and of every call that was
            stopped; guest text. What a guest that was killed had to say about calls before that is
            lost; their status is not.
        guests: how many guests it took: one, and one for each call that was stopped.
        result: of the last turn: what was used, and what enforced what.
    """

    status: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]
    errors: Mapping[int, GuestErrorInfo] = field(default_factory=dict)
    guests: int = 1
    result: Result

    @property
    def ok(self) -> bool:
        """Whether every call returned."""
        return bool((self.status == CallStatus.OK).all())


class GuestProgram(ProgramGuest):
    """A function in a guest of its own, called in batches. Use it in a ``with`` block.

    All calls share the guest: give each publisher a program of their own.

    Args:
        source: what defines the function; run once in each guest.
        entry: the function's name.
        recipe: what guests are started with.

    Raises:
        ConfigurationError: ``source`` or ``entry`` is wrong.
        GuestFailure: ``source`` did not run to its end.
        EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
    """

    def __init__(self, source: str, entry: str, recipe: Recipe) -> None:
        if not entry.isidentifier():
            raise ConfigurationError(f"entry={entry!r} is not the name of a function")
        self._entry = entry
        super().__init__(source, recipe)

    def evaluate(
        self,
        columns: Sequence[Column],
        *,
        count: int | None = None,
        width: int = 1,
        dtype: Literal["float64", "int64"] = "float64",
        each: float | None = None,
    ) -> Outcomes:
        """Call the function for each row of ``columns``.

        Args:
            columns: the first argument of every call, the second, …; lists or NumPy arrays of equal
                length. Arrays of numbers are quickest, and those of an arena are not copied.
            count: how many calls, where there are no columns.
            width: numbers that each call returns: one number, or with more a sequence of them.
            dtype: of the numbers.
            each: seconds that one call may take, and less than twice that; the guest is killed, the
                call is marked, and the others go on in a fresh guest. None is no bound of its own.

        Raises:
            ConfigurationError: an argument is wrong, or cannot cross.
            PolicyNotEnforceable: ``each`` on an engine that shares no memory with its guests.
            SandboxClosed: the program was closed.
            GuestFailure: ``source`` failed in a fresh guest.
        """
        import numpy as np

        layout = _check(columns, count, width, dtype)
        limits = self._recipe.limits
        if each is not None and not (type(each) in (int, float) and 0 < each <= limits.wall):  # type: ignore[operator]
            raise ConfigurationError(f"each={each!r} must be seconds, up to wall={limits.wall}")
        self._cancelled = False
        columns = [_pack(column) for column in columns]
        status = np.zeros(layout.count, "u1")
        values = np.zeros((layout.count, layout.width), np.dtype(dtype))
        errors: dict[int, GuestErrorInfo] = {}
        first = guests = 0
        while True:
            self._renew()
            guests += 1
            result, done = self._attempt(columns, first, layout, each, status, values, errors)
            if (
                result.alive
                or done >= layout.count
                or not self._blame(done, result, status, errors)
            ):
                break
            first = done + 1
            if first >= layout.count or guests > _MOST_SPARES:
                break
        if layout.width == 1:
            values = values[:, 0]
        return Outcomes(status=status, values=values, errors=errors, guests=guests, result=result)

    def _attempt(
        self,
        columns: Sequence[Column],
        first: int,
        layout: Layout,
        each: float | None,
        status: np.ndarray[Any, Any],
        values: np.ndarray[Any, Any],
        errors: dict[int, GuestErrorInfo],
    ) -> tuple[Result, int]:
        """Go on in this guest; returns the turn's result, and the call that it was at."""
        import numpy as np

        output = Arena.of(layout.size, guest_writes=True) if self._check_each(each) else None
        request = batch_request(self._entry, columns, first, layout, self._recipe.limits, output)
        result, output = self._drive(request, output, each)
        told, own = _read_answer(result)
        data = bytes(output) if output is not None else own
        if len(data) != layout.size:
            return result, first
        at = min(max(int.from_bytes(data[:8], "little") - 1, first), layout.count)
        seen = np.frombuffer(data, "u1", layout.count, layout.status)
        seen = np.where(seen <= CallStatus.ERROR, seen, CallStatus.ERROR)[first:at]
        numbers = np.frombuffer(data, layout.kind, offset=layout.values)
        rows = numbers.reshape(layout.count, layout.width)[first:at]
        status[first:at] = seen
        values[first:at] = np.where((seen == CallStatus.OK)[:, None], rows, 0)
        errors.update((index, info) for index, info in told.items() if first <= index < at)
        return result, at

    def _blame(
        self,
        at: int,
        result: Result,
        status: np.ndarray[Any, Any],
        errors: dict[int, GuestErrorInfo],
    ) -> bool:
        """Mark the call in which a guest ended; whether the others go on."""
        assert result.error is not None
        if result.limit == "each":
            status[at] = CallStatus.LIMIT
        elif result.status == "crashed":
            status[at] = CallStatus.CRASHED
        else:  # a limit of the whole batch, or it was cancelled
            return False
        errors[at] = result.error
        return not self._cancelled


def _check(columns: Sequence[Column], count: int | None, width: int, dtype: str) -> Layout:
    if isinstance(columns, str | bytes) or not isinstance(columns, Sequence):
        raise ConfigurationError("columns must be a list of columns, one for each argument")
    lengths = {len(column) for column in columns}
    if count is not None:
        lengths.add(count)
    if len(lengths) != 1:
        raise ConfigurationError(
            f"columns and count disagree about the number of calls: {sorted(lengths)}"
            if lengths
            else "a batch without columns needs count="
        )
    calls = lengths.pop()
    if type(calls) is not int or not 0 <= calls <= _MOST_CALLS:
        raise ConfigurationError(f"count={calls!r} must be a whole number, 0 to {_MOST_CALLS}")
    if type(width) is not int or not 1 <= width <= _MOST_WIDTH:
        raise ConfigurationError(f"width={width!r} must be a whole number, 1 to {_MOST_WIDTH}")
    if dtype not in _KINDS:
        raise ConfigurationError(f"dtype={dtype!r} must be float64 or int64")
    return Layout(calls, _KINDS[dtype], width)


def _pack(column: Column) -> Any:
    """A column as it travels: numbers as bytes, for a guest may have no NumPy. An array that can be
    lent stays one.
    """
    if not hasattr(column, "dtype"):
        return list(column)
    kind = _KINDS.get(column.dtype.name)
    if kind is None or column.ndim != 1:
        return column.tolist()
    return column if place_of(column) is not None else (kind, column.tobytes())


def _read_answer(result: Result) -> tuple[dict[int, GuestErrorInfo], bytes]:
    """What the guest returned; anything else than it should is no answer."""
    answer = result.value
    if type(answer) is not list or len(answer) != 2 or type(answer[0]) is not list:
        return {}, b""
    told: dict[int, GuestErrorInfo] = {}
    for entry in answer[0][:1_000]:
        if type(entry) is list and [type(part) for part in entry] == [int, str, str, int]:
            index, kind, message, line = entry
            where = f'  File "<cell 1>", line {line}\n' if line else ""
            told[index] = GuestErrorInfo(kind, message, where)
    return told, answer[1] if type(answer[1]) is bytes else b""
