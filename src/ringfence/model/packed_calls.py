"""Calls as they cross to an evaluator's guest: numbers side by side, or all arguments as text."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ringfence.errors import ConfigurationError
from ringfence.model.evaluation import Calls

__all__ = ["Crossing", "Rows", "check_request", "pack_calls"]

_MOST_CALLS: Final = 10_000_000
_MOST_DEPTH: Final = 32
_MOST_RECORD: Final = 1 << 20
_WHOLE: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class Rows:
    """The arguments of calls of one script.

    Attributes:
        script: its place.
        count: calls.
        kinds: ``d`` (float) or ``q`` (int) for each argument; None: they are texts.
        columns: the first argument of all calls, the second, …, eight bytes each.
        texts: all arguments of each call: JSON.
    """

    script: int
    count: int
    kinds: str | None
    columns: tuple[bytes, ...] = ()
    texts: tuple[str, ...] = ()


def _as_it_is(text: str) -> str:
    return text


class Crossing(NamedTuple):
    """What can cross to an engine.

    Attributes:
        engine: its name, for messages.
        arguments: how many a call can have.
        most_text: bytes of all arguments of one call.
        wide: whether ints of more than 64 bits do.
        nul: whether texts with NUL do.
        write: makes the engine's JSON of Python's.
    """

    engine: str
    arguments: int
    most_text: int
    wide: bool = True
    nul: bool = True
    write: Callable[[str], str] = _as_it_is


def check_request(width: object, dtype: object, record: object, state: object, most: int) -> None:
    """Check what a batch asks for, apart from its calls and its budget.

    Args:
        width: numbers that each call returns.
        dtype: of them.
        record: bytes of a record, or None.
        state: what calls find.
        most: how large ``width`` may be.

    Raises:
        ConfigurationError: one of them is wrong.
    """
    if type(width) is not int or not 1 <= width <= most:
        raise ConfigurationError(f"width={width!r} must be a whole number, 1 to {most}")
    if dtype not in ("float64", "int64"):
        raise ConfigurationError(f"dtype={dtype!r} must be float64 or int64")
    if record is not None:
        if type(record) is not int or not 1 <= record <= _MOST_RECORD:
            raise ConfigurationError(
                f"record={record!r} must be a whole number, 1 to {_MOST_RECORD}"
            )
        if width != 1 or dtype != "float64":
            raise ConfigurationError("with record= a call returns how many there are")
    if state not in ("loaded", "fresh", "kept"):
        raise ConfigurationError(f"state={state!r} must be loaded, fresh or kept")


def pack_calls(calls: Calls, scripts: int, crossing: Crossing) -> Rows:
    """The arguments as they cross.

    Raises:
        ConfigurationError: they are not of equal length, or of a type that does not cross.
    """
    if not isinstance(calls, Calls):
        raise ConfigurationError("calls must be ringfence.model.evaluation.Calls")
    if type(calls.script) is not int or not 0 <= calls.script < scripts:
        raise ConfigurationError(f"script={calls.script!r} is none of the {scripts} scripts")
    columns = calls.columns
    if isinstance(columns, str | bytes) or not isinstance(columns, Sequence):
        raise ConfigurationError("columns must be a list of columns, one for each argument")
    if len(columns) > crossing.arguments:
        raise ConfigurationError(f"a call takes {crossing.arguments} arguments at most")
    lengths = {len(column) for column in columns}
    if calls.count is not None:
        lengths.add(calls.count)
    if len(lengths) != 1:
        raise ConfigurationError(
            f"columns and count disagree about the number of calls: {sorted(lengths)}"
            if lengths
            else "calls without columns need count="
        )
    count = lengths.pop()
    if type(count) is not int or not 0 <= count <= _MOST_CALLS:
        raise ConfigurationError(f"count={count!r} must be a whole number, 0 to {_MOST_CALLS}")
    packed = [_pack_column(column) for column in columns]
    numbers = [one for one in packed if one is not None]
    if len(numbers) == len(packed):
        kinds = "".join(kind for kind, _ in numbers)
        return Rows(calls.script, count, kinds, tuple(data for _, data in numbers))
    lists = [column.tolist() if hasattr(column, "tolist") else column for column in columns]
    rows = zip(*lists, strict=True)
    texts = tuple(_as_text(calls.script, index, row, crossing) for index, row in enumerate(rows))
    return Rows(calls.script, count, None, (), texts)


def _pack_column(column: Any) -> tuple[str, bytes] | None:
    """What its numbers are, and eight bytes for each; None if it is no column of numbers."""
    if hasattr(column, "dtype"):
        if column.ndim != 1:
            raise ConfigurationError(f"a column has one dimension, not {column.ndim}")
        kind, size = column.dtype.kind, column.dtype.itemsize
        if kind == "f" and size <= 8:
            return "d", column.astype("<f8").tobytes()
        if kind == "i" or (kind == "u" and size < 8):
            return "q", column.astype("<i8").tobytes()
        return None
    types = set(map(type, column))
    if types <= {float}:
        return "d", struct.pack(f"<{len(column)}d", *column)
    if types == {int}:
        try:
            return "q", struct.pack(f"<{len(column)}q", *column)
        except struct.error:  # of more than 64 bits
            return None
    return None


def _as_text(script: int, index: int, row: Sequence[Any], crossing: Crossing) -> str:
    where = f"script {script}, call {index}"
    _check_item(row, where, 0, crossing)
    text = crossing.write(json.dumps(row, ensure_ascii=False, allow_nan=False))
    size = len(text.encode())
    if size > crossing.most_text:
        raise ConfigurationError(
            f"{where}: the arguments have {size:,} bytes, over {crossing.most_text:,}"
        )
    return text


def _check_item(item: Any, where: str, depth: int, crossing: Crossing) -> None:
    """Raise ConfigurationError unless JSON means the same to the guest."""
    if depth > _MOST_DEPTH:
        raise ConfigurationError(f"{where}: an argument is nested too deeply")
    if item is None or type(item) is bool:
        return
    if type(item) is int:
        # One less than there are: who reads a number may read the sign apart.
        if not crossing.wide and not -_WHOLE < item < _WHOLE:
            raise ConfigurationError(f"{where}: an int of more than 64 bits does not cross")
    elif type(item) is str:
        if any("\ud800" <= character <= "\udfff" for character in item):
            raise ConfigurationError(f"{where}: a text is no Unicode")
        if "\0" in item and not crossing.nul:
            raise ConfigurationError(f"{where}: a text with NUL does not cross")
    elif type(item) is float:
        if not math.isfinite(item):
            raise ConfigurationError(
                f"{where}: {item} does not cross beside texts, lists and large integers"
            )
    elif type(item) is list or (depth == 0 and type(item) is tuple):
        for part in item:
            _check_item(part, where, depth + 1, crossing)
    elif type(item) is dict and all(type(key) is str for key in item):
        for key, part in item.items():
            _check_item(key, where, depth + 1, crossing)
            _check_item(part, where, depth + 1, crossing)
    else:
        raise ConfigurationError(
            f"{where}: {type(item).__name__} does not cross to {crossing.engine}; None, bool, int, "
            "float, str, and lists and dicts (with texts as keys) of these do"
        )
