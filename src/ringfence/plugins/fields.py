"""Checking what crosses at a hook: arguments on their way in, what comes back on its way out.

What a plugin returns is hostile. Arrays are looked at here; everything else by the closed set of
annotations that the rest of Ringfence has (:mod:`ringfence.runtime.annotations`).
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from ringfence.errors import ConfigurationError, ValidationFailed
from ringfence.plugins.arrays import AllowNonFinite, ArrayType, Range, Unit
from ringfence.runtime.annotations import validator_for
from ringfence.runtime.checks.check import describe

__all__ = ["Field", "Lengths", "field_of", "unit_of"]

Lengths = dict[str, int]
"""Name of a dimension -> its length, as far as this call has shown it."""

Field = Callable[[Any, str, Lengths], Any]
"""``(value, where, lengths)`` -> the value that was meant; raises ValidationFailed. Lengths that
are new are added.
"""

_OURS = (Range, Unit, AllowNonFinite)


def field_of(annotation: Any, where: str, *, outgoing: bool) -> Field:
    """The check for an annotation.

    Args:
        annotation: resolved.
        where: how messages name it while it is declared.
        outgoing: the value is the host's, on its way to the plugin.

    Raises:
        ConfigurationError: it is none that can cross.
    """
    return _Builder(where, outgoing).build(annotation, (), nested=False)


def unit_of(annotation: Any) -> str:
    """The unit that an annotation names, or nothing."""
    marks = getattr(annotation, "__metadata__", ())
    return next((mark.text for mark in marks if isinstance(mark, Unit)), "")


class _Builder:
    def __init__(self, where: str, outgoing: bool) -> None:
        self._where, self._outgoing = where, outgoing

    def build(self, annotation: Any, marks: tuple[object, ...], *, nested: bool) -> Field:
        if typing.get_origin(annotation) is typing.Annotated:
            base, *others = typing.get_args(annotation)
            ours = tuple(mark for mark in others if isinstance(mark, _OURS))
            theirs = [mark for mark in others if not isinstance(mark, _OURS)]
            if theirs:
                base = typing.Annotated[(base, *theirs)]
                return self._plain(base, (*marks, *ours))
            return self.build(base, (*marks, *ours), nested=nested)
        if isinstance(annotation, ArrayType):
            return _array(annotation, marks, self._where)
        if _has_arrays(annotation):
            return self._structure(annotation, marks)
        return self._plain(annotation, marks)

    def _structure(self, annotation: Any, marks: tuple[object, ...]) -> Field:
        """Something that has arrays in it."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType) and type(None) in arguments:
            rest = [one for one in arguments if one is not type(None)]
            if len(rest) == 1:
                return _optional(self.build(rest[0], marks, nested=True))
        if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
            return _items(tuple, self.build(arguments[0], marks, nested=True))
        if origin is tuple and arguments:
            return _fixed([self.build(one, marks, nested=True) for one in arguments])
        if origin is list and len(arguments) == 1:
            return _items(list, self.build(arguments[0], marks, nested=True))
        if origin is dict and len(arguments) == 2 and arguments[0] is str:
            return _mapping(self.build(arguments[1], marks, nested=True))
        raise ConfigurationError(
            f"{self._where}: arrays may stand alone, in tuple, list and dict[str, …], and beside "
            f"None; not in {annotation}"
        )

    def _plain(self, annotation: Any, marks: tuple[object, ...]) -> Field:
        validator = validator_for(
            annotation, where="value", declared=self._where, outgoing=self._outgoing
        )
        bounds = _bounds(marks)
        finite = not any(isinstance(mark, AllowNonFinite) for mark in marks)

        def check(value: Any, where: str, lengths: Lengths) -> Any:
            found = validator.check(value, where)
            if type(found) is float and finite and not math.isfinite(found):
                raise ValidationFailed(where, "a finite number", repr(found))
            is_number = type(found) in (int, float)
            if is_number and bounds is not None and not bounds.low <= found <= bounds.high:
                raise ValidationFailed(where, f"a number {bounds}", describe(found))
            return found

        return check


def _has_arrays(annotation: Any) -> bool:
    return any(
        isinstance(one, ArrayType) or _has_arrays(one) for one in typing.get_args(annotation)
    )


def _bounds(marks: tuple[object, ...]) -> Range | None:
    return next((mark for mark in marks if isinstance(mark, Range)), None)


def _optional(inner: Field) -> Field:
    def check(value: Any, where: str, lengths: Lengths) -> Any:
        return None if value is None else inner(value, where, lengths)

    return check


def _items(kind: type, inner: Field) -> Field:
    def check(value: Any, where: str, lengths: Lengths) -> Any:
        if type(value) is not kind:
            raise ValidationFailed(where, f"a {kind.__name__}", _described(value))
        items: Any = value
        return kind(inner(one, f"{where}[{at}]", lengths) for at, one in enumerate(items))

    return check


def _fixed(inner: list[Field]) -> Field:
    def check(value: Any, where: str, lengths: Lengths) -> Any:
        if type(value) is not tuple or len(value) != len(inner):
            raise ValidationFailed(where, f"a tuple of {len(inner)}", _described(value))
        return tuple(
            one(item, f"{where}[{at}]", lengths)
            for at, (one, item) in enumerate(zip(inner, value, strict=True))
        )

    return check


def _mapping(inner: Field) -> Field:
    def check(value: Any, where: str, lengths: Lengths) -> Any:
        if type(value) is not dict or not all(type(key) is str for key in value):
            raise ValidationFailed(where, "a dict with texts as keys", _described(value))
        return {key: inner(one, f"{where}[{key[:40]!r}]", lengths) for key, one in value.items()}

    return check


def _array(wanted: ArrayType, marks: tuple[object, ...], where_declared: str) -> Field:
    import numpy as np

    dtype = np.dtype(wanted.dtype)
    swapped = dtype.newbyteorder()
    bounds = _bounds(marks)
    if bounds is not None and dtype.kind not in "iuf":
        raise ConfigurationError(f"{where_declared}: {wanted}: only numbers in a row have a Range")
    finite = not any(isinstance(mark, AllowNonFinite) for mark in marks) and dtype.kind in "fc"
    ordered = dtype.kind in "iuf"

    def check(value: Any, where: str, lengths: Lengths) -> Any:
        if type(value) is np.ndarray and value.dtype == swapped != dtype:
            value = value.astype(dtype)
        if type(value) is not np.ndarray or value.dtype != dtype:
            raise ValidationFailed(where, f"an array of {wanted.dtype}", _described(value))
        _check_shape(wanted.dimensions, value.shape, where, lengths)
        if not value.size:
            return value
        if not (finite or bounds is not None) or (ordered and _is_within(value, bounds)):
            return value if value.flags.c_contiguous else value.copy(order="C")
        if finite and not np.isfinite(value).all():
            raise ValidationFailed(where, "finite numbers", _where_not(value, np.isfinite(value)))
        if bounds is not None:
            # Compared as they are: NaN, where it is allowed, is in no range and out of none.
            outside = (value < bounds.low) | (value > bounds.high)
            if outside.any():
                raise ValidationFailed(where, f"numbers {bounds}", _where_not(value, ~outside))
        return value if value.flags.c_contiguous else value.copy(order="C")

    return check


def _is_within(value: Any, bounds: Range | None) -> bool:
    """Whether all numbers are finite and within bounds, by the least and the largest alone: a third
    of the time of looking at each. NaN is the least and the largest where it is at all.
    """
    low, high = value.min().item(), value.max().item()
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    return bounds is None or (bounds.low <= low and high <= bounds.high)


def _check_shape(
    wanted: tuple[int | str, ...], shape: tuple[int, ...], where: str, lengths: Lengths
) -> None:
    known: Mapping[str, int] = lengths
    new: Lengths = {}
    fits = len(shape) == len(wanted)
    if fits:
        for name, length in zip(wanted, shape, strict=True):
            if name == "_":
                continue
            meant = name if isinstance(name, int) else known.get(name, new.get(name, length))
            fits = fits and meant == length
            if isinstance(name, str):
                new.setdefault(name, length)
    if not fits:
        meant_shape = " x ".join(
            str(one if isinstance(one, int) else known.get(one, one)) for one in wanted
        )
        raise ValidationFailed(
            where, f"shape {meant_shape or '()'}", f"shape {' x '.join(map(str, shape)) or '()'}"
        )
    lengths.update({name: length for name, length in new.items() if name not in known})


def _where_not(value: Any, fine: Any) -> str:
    """The first number that is wrong, and where."""
    import numpy as np

    at = np.unravel_index(int(np.argmin(fine)), value.shape)
    place = ", ".join(str(int(one)) for one in at)
    return f"{value[at]!s} at [{place}]"


def _described(value: Any) -> str:
    import numpy as np

    if type(value) is np.ndarray:
        return f"an array of {value.dtype.name} with shape {' x '.join(map(str, value.shape))}"
    return f"a value of type {type(value).__name__}" if value is not None else "None"
