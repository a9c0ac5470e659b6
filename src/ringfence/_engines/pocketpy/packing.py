"""Columns as a guest takes them: numbers side by side, or all arguments of a call as text."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ringfence._engines.pocketpy.window import MOST_ARGUMENTS
from ringfence.errors import ConfigurationError
from ringfence.model.evaluation import Calls

__all__ = ["Rows", "pack_calls"]

_MOST_CALLS: Final = 10_000_000
_MOST_DEPTH: Final = 32
_MOST_TEXT: Final = 1 << 20
_MOST_WHOLE: Final = 1 << 63


_ESCAPE: Final = re.compile(r"\\(u00[01][0-9a-f]|.)")


class Rows(NamedTuple):
    """The arguments of calls of one script.

    Attributes:
        script: its place.
        calls: how many.
        kinds: ``d`` (float) or ``q`` (int) for each argument; ``t``: they are texts.
        columns: the first argument of all calls, the second, …, eight bytes each.
        texts: all arguments of each call: JSON.
    """

    script: int
    calls: int
    kinds: str
    columns: tuple[memoryview, ...] = ()
    texts: tuple[str, ...] = ()


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
        kinds = "".join(kind for kind, _ in numbers)
        return Rows(calls.script, count, kinds, tuple(memoryview(data) for _, data in numbers))
    lists = [column.tolist() if hasattr(column, "tolist") else column for column in columns]
    rows = zip(*lists, strict=True)
    texts = tuple(_as_text(calls.script, index, row) for index, row in enumerate(rows))
    return Rows(calls.script, count, "t", (), texts)


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
    if types == {int} and all(-_MOST_WHOLE <= number < _MOST_WHOLE for number in column):
        return "q", struct.pack(f"<{len(column)}q", *column)
    return None


def _as_text(script: int, index: int, row: Sequence[Any]) -> str:
    where = f"script {script}, call {index}"
    _check_item(row, where, 0)
    text = _ESCAPE.sub(_plain, json.dumps(row, ensure_ascii=False, allow_nan=False))
    if len(text) > _MOST_TEXT:
        raise ConfigurationError(
            f"{where}: the arguments have {len(text):,} characters, over {_MOST_TEXT:,}"
        )
    return text


def _plain(escape: re.Match[str]) -> str:
    """A control character as it is, for PocketPy knows no other way to write most of them."""
    what = escape[1]
    if what.startswith("u"):
        return chr(int(what[1:], 16))
    return {"b": "\b", "f": "\f"}.get(what, escape[0])


def _check_item(item: Any, where: str, depth: int) -> None:
    """Raise ConfigurationError unless it is the same to the guest."""
    if depth > _MOST_DEPTH:
        raise ConfigurationError(f"{where}: an argument is nested too deeply")
    if item is None or type(item) is bool:
        return
    if type(item) is int:
        # One less than there are: PocketPy reads the sign apart.
        if not -_MOST_WHOLE < item < _MOST_WHOLE:
            raise ConfigurationError(f"{where}: an int of more than 64 bits does not cross")
    elif type(item) is str:
        if any("\ud800" <= character <= "\udfff" or character == "\0" for character in item):
            raise ConfigurationError(f"{where}: a text with NUL, or that is no Unicode")
    elif type(item) is float:
        if not math.isfinite(item):
            raise ConfigurationError(f"{where}: {item} does not cross beside texts and lists")
    elif type(item) is list or (depth == 0 and type(item) is tuple):
        for part in item:
            _check_item(part, where, depth + 1)
    elif type(item) is dict and all(type(key) is str for key in item):
        for key, part in item.items():
            _check_item(key, where, depth + 1)
            _check_item(part, where, depth + 1)
    else:
        raise ConfigurationError(
            f"{where}: {type(item).__name__} does not cross to pocketpy; None, bool, int, float, "
            "str, and lists and dicts (with texts as keys) of these do"
        )
