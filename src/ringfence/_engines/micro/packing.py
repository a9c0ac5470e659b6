"""Columns as the guest takes them: numbers side by side, or all arguments of a call as text."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ringfence._engines.micro.interpreter import FLOATS, INBOX, MOST_ARGUMENTS, WHOLE_NUMBERS
from ringfence.errors import ConfigurationError
from ringfence.model.evaluation import Calls

__all__ = ["Rows", "pack_calls"]

_MOST_CALLS = 10_000_000
_MOST_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """The arguments of calls of one script.

    Attributes:
        script: its place.
        count: calls.
        kinds: of each argument, if all are numbers; None: they are texts.
        columns: the first argument of all calls, the second, …, eight bytes each.
        texts: all arguments of each call: JSON.
    """

    script: int
    count: int
    kinds: tuple[int, ...] | None
    columns: tuple[bytes, ...] = ()
    texts: tuple[bytes, ...] = ()


def pack_calls(calls: Calls, scripts: int) -> Rows:
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
    if len(columns) > MOST_ARGUMENTS:
        raise ConfigurationError(f"a call takes {MOST_ARGUMENTS} arguments at most")
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
        kinds = tuple(kind for kind, _ in numbers)
        return Rows(calls.script, count, kinds, tuple(data for _, data in numbers))
    lists = [column.tolist() if hasattr(column, "tolist") else column for column in columns]
    rows = zip(*lists, strict=True)
    texts = tuple(_as_text(calls.script, index, row) for index, row in enumerate(rows))
    return Rows(calls.script, count, None, (), texts)


def _pack_column(column: Any) -> tuple[int, bytes] | None:
    """What its numbers are, and eight bytes for each; None if it is no column of numbers."""
    if hasattr(column, "dtype"):
        if column.ndim != 1:
            raise ConfigurationError(f"a column has one dimension, not {column.ndim}")
        kind, size = column.dtype.kind, column.dtype.itemsize
        if kind == "f" and size <= 8:
            return FLOATS, column.astype("<f8").tobytes()
        if kind == "i" or (kind == "u" and size < 8):
            return WHOLE_NUMBERS, column.astype("<i8").tobytes()
        return None
    types = set(map(type, column))
    if types <= {float}:
        return FLOATS, struct.pack(f"<{len(column)}d", *column)
    if types == {int}:
        try:
            return WHOLE_NUMBERS, struct.pack(f"<{len(column)}q", *column)
        except struct.error:  # of more than 64 bits
            return None
    return None


def _as_text(script: int, index: int, row: Sequence[Any]) -> bytes:
    where = f"script {script}, call {index}"
    _check_item(row, where, 0)
    text = json.dumps(row, ensure_ascii=False, allow_nan=False).encode()
    if len(text) > INBOX:
        raise ConfigurationError(f"{where}: the arguments have {len(text):,} bytes, over {INBOX:,}")
    return text


def _check_item(item: Any, where: str, depth: int) -> None:
    """Raise ConfigurationError unless JSON means the same to the guest."""
    if depth > _MOST_DEPTH:
        raise ConfigurationError(f"{where}: an argument is nested too deeply")
    if item is None or type(item) in (bool, int):
        return
    if type(item) is str:
        if any("\ud800" <= character <= "\udfff" for character in item):
            raise ConfigurationError(f"{where}: a text is no Unicode")
    elif type(item) is float:
        if not math.isfinite(item):
            raise ConfigurationError(
                f"{where}: {item} does not cross beside texts, lists and large integers"
            )
    elif type(item) is list or (depth == 0 and type(item) is tuple):
        for part in item:
            _check_item(part, where, depth + 1)
    elif type(item) is dict and all(type(key) is str for key in item):
        for key, part in item.items():
            _check_item(key, where, depth + 1)
            _check_item(part, where, depth + 1)
    else:
        raise ConfigurationError(
            f"{where}: {type(item).__name__} does not cross to micro; None, bool, int, float, str, "
            "and lists and dicts (with texts as keys) of these do"
        )
