"""What a field of a shape may hold, by the name of its annotation: one check for each.

A check returns the value in its one accepted form (an int becomes a float, a list a tuple), or
raises ``ValueError`` with what was expected and what came. The application runs the same checks
again on everything that an extension sends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

__all__ = [
    "CHECKS",
    "MOST_POINTS",
    "MOST_TEXT",
    "Faces",
    "Id",
    "Inputs",
    "Limits",
    "Parameter",
    "Parameters",
    "Points2",
    "Points3",
    "Positive",
    "Transform",
    "check_colour",
    "check_id",
    "check_name",
]

Positive: TypeAlias = float
"""A length greater than zero."""
Id: TypeAlias = int
"""The number of another element; 0 is none."""
Points2: TypeAlias = Sequence[tuple[float, float]]
"""Points of the plane. A shape keeps them as a tuple of tuples, whatever it was given."""
Points3: TypeAlias = Sequence[tuple[float, float, float]]
"""Points in space, kept as a tuple of tuples."""
Faces: TypeAlias = Sequence[Sequence[int]]
"""For each face the positions of its corners among the vertices, counted from 0."""
Parameter: TypeAlias = float | str | bool | tuple[float, ...]
Parameters: TypeAlias = Mapping[str, Parameter] | tuple[tuple[str, Parameter], ...]
"""Parameters of a block by name; kept as a tuple of pairs, sorted."""
Inputs: TypeAlias = Mapping[str, int] | tuple[tuple[str, int], ...]
"""For parameters of type ``Geometry`` the ids of block instances; kept as a tuple of pairs,
sorted."""
Limits: TypeAlias = Mapping[str, float] | tuple[tuple[str, float], ...]
"""What bounds one block instance, by name (``steps``, ``recursion``, ``primitives``, ``wall``);
kept as a tuple of pairs, sorted."""
Transform: TypeAlias = Sequence[float]
"""Three rows of four numbers: where the axes and the origin of a block go."""

MOST_POINTS = 1_000_000
MOST_TEXT = 32_768
MOST_NAME = 255
MOST_PARAMETERS = 100
MOST_NUMBERS = 10_000  # of one parameter
LIMITS = {"steps": 1 << 53, "recursion": 500, "primitives": 1_000_000, "wall": 60}
LARGEST = 1e15  # beyond it a double no longer tells tenths of a unit apart
LARGEST_ID = 2**62


def check_number(value: Any) -> float:
    """A finite number of a size that a drawing can have."""
    if type(value) is not float:
        if type(value) is bool or not isinstance(value, int | float):
            raise ValueError(f"must be a number, got {shown(value)}")
        try:
            value = float(value)
        except OverflowError:
            raise ValueError("must be finite, got an integer beyond all floats") from None
    if not -LARGEST <= value <= LARGEST:
        if not math.isfinite(value):
            raise ValueError(f"must be finite, got {value}")
        raise ValueError(f"must be between -1e15 and 1e15, got {value}")
    return value  # type: ignore[no-any-return]


def check_positive(value: Any) -> float:
    """A number greater than zero."""
    number = check_number(value)
    if number <= 0:
        raise ValueError(f"must be greater than 0, got {number}")
    return number


def check_unsigned(value: Any) -> float:
    """A number that is not negative."""
    number = check_number(value)
    if number < 0:
        raise ValueError(f"must not be negative, got {number}")
    return number


def check_flag(value: Any) -> bool:
    """True or False."""
    if type(value) is not bool:
        raise ValueError(f"must be True or False, got {shown(value)}")
    return value


def check_text(value: Any, most: int = MOST_TEXT) -> str:
    """Text that can be stored and shown: valid Unicode, no NUL, bounded."""
    if type(value) is not str:
        raise ValueError(f"must be text, got {shown(value)}")
    if len(value) > most:
        raise ValueError(f"must have at most {most} characters, got {len(value)}")
    if "\0" in value:
        raise ValueError("must not contain NUL")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("must be valid Unicode, and contains a lone surrogate") from None
    return value


def check_name(value: Any) -> str:
    """A name: text of one line that is not empty."""
    text = check_text(value, MOST_NAME)
    if not text or not text.isprintable():
        raise ValueError(f"must be a printable name that is not empty, got {shown(value)}")
    return text


def check_id(value: Any) -> int:
    """The number of an element, or 0."""
    if type(value) is not int:
        raise ValueError(f"must be the id of an element, got {shown(value)}")
    if not 0 <= value <= LARGEST_ID:
        raise ValueError(f"must be an id between 0 and 2**62, got {value}")
    return value


def check_colour(value: Any) -> int | None:
    """A colour 0xRRGGBBAA, or None for the colour of the layer."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= 0xFFFFFFFF:
        raise ValueError(f"must be a colour 0xRRGGBBAA or None, got {shown(value)}")
    return value


def _points(size: int, fewest: int) -> Callable[[Any], Any]:
    def check(value: Any) -> tuple[tuple[float, ...], ...]:
        rows = _rows(value, MOST_POINTS, "points")
        if len(rows) < fewest:
            raise ValueError(f"must have at least {fewest} points, got {len(rows)}")
        found = []
        for index, row in enumerate(rows):
            try:
                found.append(tuple([check_number(number) for number in row]))
            except (ValueError, TypeError) as error:
                raise ValueError(f"point {index}: {error}") from None
            if len(found[-1]) != size:
                raise ValueError(f"point {index} must have {size} numbers, got {len(found[-1])}")
        return tuple(found)

    return check


def check_faces(value: Any) -> tuple[tuple[int, ...], ...]:
    """Faces of at least three corners each; that the corners exist is the shape's to check."""
    found = []
    total = 0
    for index, row in enumerate(_rows(value, MOST_POINTS, "faces")):
        face = tuple(row)
        total += len(face)
        if len(face) < 3 or total > 4 * MOST_POINTS:
            raise ValueError(
                f"face {index} must have at least 3 corners, and all at most 4,000,000"
            )
        if any(type(corner) is not int or not 0 <= corner < MOST_POINTS for corner in face):
            raise ValueError(f"face {index}: corners must be positions among the vertices")
        found.append(face)
    return tuple(found)


def check_parameters(value: Any) -> tuple[tuple[str, Parameter], ...]:
    """Names and values: numbers, text, True and False, tuples of numbers. A dictionary will do."""
    pairs = value.items() if isinstance(value, dict) else value
    found: dict[str, Parameter] = {}
    for name, given in _rows(pairs, MOST_PARAMETERS, "parameters"):
        check_name(name)
        if name in found:
            raise ValueError(f"parameter {name!r} is there twice")
        if type(given) is bool:
            found[name] = given
        elif type(given) is str:
            found[name] = check_text(given)
        elif type(given) in {tuple, list}:
            numbers = _rows(given, MOST_NUMBERS, "numbers")
            found[name] = tuple([check_number(number) for number in numbers])
        else:
            found[name] = check_number(given)
    return tuple(sorted(found.items(), key=_first))


def check_inputs(value: Any) -> tuple[tuple[str, int], ...]:
    """Names, and the ids of elements. A dictionary will do."""
    pairs = value.items() if isinstance(value, dict) else value
    found: dict[str, int] = {}
    for name, given in _rows(pairs, MOST_PARAMETERS, "inputs"):
        check_name(name)
        if name in found:
            raise ValueError(f"input {name!r} is there twice")
        if not check_id(given):
            raise ValueError(f"input {name!r} must be the id of an element, got 0")
        found[name] = given
    return tuple(sorted(found.items()))


def check_limits(value: Any) -> tuple[tuple[str, float], ...]:
    """Names of limits and their numbers. A dictionary will do."""
    pairs = value.items() if isinstance(value, dict) else value
    found: dict[str, float] = {}
    for name, given in _rows(pairs, len(LIMITS), "limits"):
        most = LIMITS.get(name) if type(name) is str else None
        if most is None or name in found:
            raise ValueError(f"{shown(name)} is none of {', '.join(LIMITS)}, or is there twice")
        number = check_positive(given)
        if name != "wall":
            if number != int(number):
                raise ValueError(f"{name} must be a whole number, got {number}")
            number = int(number)
        if number > most:
            raise ValueError(f"{name} must be at most {most}, got {number}")
        found[name] = number
    return tuple(sorted(found.items()))


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def check_transform(value: Any) -> tuple[float, ...]:
    """Twelve numbers."""
    numbers = tuple([check_number(number) for number in _rows(value, 12, "numbers")])
    if len(numbers) != 12:
        raise ValueError(f"must have 12 numbers, got {len(numbers)}")
    return numbers


def _rows(value: Any, most: int, what: str) -> list[Any]:
    """The items of any iterable but text, without ever taking more than ``most``."""
    if isinstance(value, str | bytes):  # these are iterable, and no points
        raise ValueError(  # noqa: TRY004 - a wrong field is one kind of error
            f"must be {what}, got {shown(value)}"
        )
    found: list[Any] = []
    try:
        for item in value:
            if len(found) == most:
                raise ValueError(f"must have at most {most} {what}")
            found.append(item)
    except TypeError:
        raise ValueError(f"must be {what}, got {shown(value)}") from None
    return found


def shown(value: Any) -> str:
    """A value's type and the beginning of what it looks like."""
    text = repr(value) if isinstance(value, str | int | float | bytes | None) else ""
    return f"{type(value).__name__} {text[:40]}".rstrip()


CHECKS: dict[str, Callable[[Any], Any]] = {
    "float": check_number,
    "Positive": check_positive,
    "Unsigned": check_unsigned,
    "bool": check_flag,
    "str": check_text,
    "Name": check_name,
    "Id": check_id,
    "Points2": _points(2, 2),
    "Points3": _points(3, 2),
    "Vertices": _points(3, 0),
    "Faces": check_faces,
    "Parameters": check_parameters,
    "Inputs": check_inputs,
    "Limits": check_limits,
    "Transform": check_transform,
}
