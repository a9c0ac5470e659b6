"""Parameters of instances: checked against what the block declares, and packed by column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ringfence.blocks.dialect import Script
from ringfence.blocks.geometry import record_dtype
from ringfence.blocks.links import Link
from ringfence.blocks.signature import REQUIRED, Parameter
from ringfence.errors import ValidationFailed

__all__ = ["Column", "bind_column", "bind_rows"]

Column = Any
"""Values of one parameter: a NumPy array of float64 or int64, or a list."""

_MOST_TEXT = 10_000
_MOST_NUMBERS = 10_000
_MISSING = object()


def bind_rows(
    script: Script,
    rows: Sequence[Mapping[str, Any]],
    places: Sequence[object],
    *,
    linked: bool = False,
) -> list[Column]:
    """Columns of the parameters that are given for each instance.

    Args:
        script: the block.
        rows: name -> value, for each instance.
        places: what each instance is called in messages.
        linked: whether geometry may be what another instance of the same work draws.

    Raises:
        ValidationFailed: a value has another type, is missing, or has no parameter.
    """
    names = {parameter.name for parameter in script.parameters}
    for place, row in zip(places, rows, strict=True):
        if not row.keys() <= names:
            strange = min(map(str, row.keys() - names))
            expected = f"parameters among {sorted(names)}" if names else "no parameter"
            raise ValidationFailed(f"{script.name}[{place}].{strange}", expected, strange)
    columns = []
    for parameter in script.parameters:
        name, default = parameter.name, parameter.default
        column = [row.get(name, default) for row in rows]
        columns.append(_check(script, parameter, column, places, linked=linked))
    return columns


def bind_column(script: Script, given: Mapping[str, Any], count: int) -> list[Column]:
    """Columns from columns: name -> an array or a list of ``count`` values, or one for all.

    Raises:
        ValidationFailed: a value has another type, is missing, or has no parameter.
    """
    names = [parameter.name for parameter in script.parameters]
    for name in given:
        if name not in names:
            raise ValidationFailed(f"{script.name}.{name}", f"parameters among {names}", str(name))
    columns = []
    for parameter in script.parameters:
        column = given.get(parameter.name, _MISSING)
        if column is _MISSING:
            column = [parameter.default] * count
        columns.append(_check(script, parameter, column, range(count)))
    return columns


def _check(
    script: Script,
    parameter: Parameter,
    column: Any,
    places: Sequence[object],
    *,
    linked: bool = False,
) -> Column:
    import numpy as np

    wanted = parameter.type
    if wanted == "geometry":
        if not all((linked and type(one) is Link) or _is_geometry(one) for one in column):
            _refuse(script, parameter, column, places)
        return [one if type(one) is Link else _records(one) for one in column]
    if isinstance(column, np.ndarray):
        plain = {"float": "fiu", "int": "iu", "bool": "b"}.get(wanted, "")
        if column.ndim == 1 and column.dtype.kind in plain and column.dtype != np.uint64:
            if wanted == "bool":
                return column.tolist()
            found = np.ascontiguousarray(column, np.float64 if wanted == "float" else np.int64)
            if wanted == "float" and not np.isfinite(found).all():
                _refuse(script, parameter, found.tolist(), places)
            return found
        column = column.tolist()
    kinds = set(map(type, column))
    if wanted == "float" and kinds <= {float, int, np.float64}:
        try:
            numbers = np.array(column, np.float64)
        except OverflowError:
            numbers = np.array([math.inf])
        if np.isfinite(numbers).all():
            return numbers
    elif wanted == "int" and kinds <= {int}:
        try:
            return np.array(column, np.int64)
        except OverflowError:
            pass
    elif (
        (wanted == "bool" and kinds <= {bool})
        or (wanted == "str" and kinds <= {str} and all(map(_is_text, column)))
        or (wanted == "tuple" and kinds <= {tuple, list} and all(map(_are_numbers, column)))
    ):
        return [tuple(map(float, one)) for one in column] if wanted == "tuple" else column
    _refuse(script, parameter, column, places)
    raise AssertionError  # pragma: no cover - one of them was wrong


def _is_geometry(value: Any) -> bool:
    return getattr(value, "dtype", None) == record_dtype() and value.ndim == 1


def _records(geometry: Any) -> tuple[tuple[Any, ...], ...]:
    """Geometry as a script sees it: ``(kind, color, …)`` with the six numbers of each record."""
    parts = (geometry[name].tolist() for name in ("kind", "color", "data"))
    return tuple((kind, color, *data) for kind, color, data in zip(*parts, strict=True))


def _is_text(value: str) -> bool:
    return len(value) <= _MOST_TEXT


def _are_numbers(values: Sequence[Any]) -> bool:
    return len(values) <= _MOST_NUMBERS and all(_is_finite(value) for value in values)


def _is_finite(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False


def _refuse(
    script: Script, parameter: Parameter, column: Sequence[Any], places: Sequence[object]
) -> None:
    """Name the first value that is wrong.

    Raises:
        ValidationFailed: always.
    """
    import numpy as np

    expected = {
        "float": "a finite float", "int": "an int of 64 bits", "bool": "a bool",
        "str": f"text of at most {_MOST_TEXT} characters",
        "tuple": f"a tuple of at most {_MOST_NUMBERS} finite floats",
        "geometry": "the geometry of a result",
    }[parameter.type]  # fmt: skip
    for place, value in zip(places, column, strict=False):
        good = {
            "float": type(value) in (int, float, np.float64) and _is_finite(float_of(value)),
            "int": type(value) is int and -(1 << 63) <= value < 1 << 63,
            "bool": type(value) is bool,
            "str": type(value) is str and _is_text(value),
            "tuple": type(value) in (tuple, list) and _are_numbers(value),
            "geometry": _is_geometry(value),
        }[parameter.type]
        if not good:
            got = "nothing" if value is REQUIRED else f"{type(value).__name__} {str(value)[:60]!r}"
            where = f"{script.name}[{place}].{parameter.name} (line {parameter.line})"
            raise ValidationFailed(where, expected, got)


def float_of(value: Any) -> Any:
    """A number as a plain float or int."""
    return float(value) if not isinstance(value, int) else value
