"""Checks of NumPy arrays and scalars. NumPy is used only where the host imported it already."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Callable
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.runtime.checks.check import Check, Mismatch

__all__ = ["array_check"]

Refuse = Callable[[str], ConfigurationError]
_NEVER = ("object_", "void")
_CODES = "?bhilqBHILQefdFD"
_EXACT_FROM = {"b": (bool,), "i": (int,), "u": (int,), "f": (float, int), "c": (complex,)}


def array_check(annotation: object, refuse: Refuse) -> Check | None:
    """The check for an annotation of NumPy's, or None if it is something else.

    ``np.ndarray`` is an array of any dtype that may cross; ``NDArray[np.float64]`` of exactly this
    one (either byte order), ``NDArray[np.floating]`` of one of these; ``np.ndarray[tuple[int, int],
    …]`` also has two dimensions. ``np.float64`` is a scalar; the Python number that it represents
    exactly is accepted too.
    """
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        return None
    if annotation is numpy.ndarray:
        return _array(numpy, (), None)
    if typing.get_origin(annotation) is numpy.ndarray:
        arguments = typing.get_args(annotation)
        dimensions = _dimensions(arguments[0], refuse)
        scalars = _scalars(numpy, arguments[1], refuse) if len(arguments) > 1 else ()
        return _array(numpy, scalars, dimensions)
    if isinstance(annotation, type) and issubclass(annotation, numpy.generic):
        return _scalar(numpy, annotation, refuse)
    return None


def _dimensions(shape: Any, refuse: Refuse) -> int | None:
    while type(shape).__name__ == "TypeAliasType":  # NumPy 2.5 on Python 3.12
        shape = shape.__value__
    if shape is Any or shape is tuple:
        return None
    sizes = typing.get_args(shape)
    if typing.get_origin(shape) is tuple and Ellipsis in sizes and sizes[0] in (int, Any):
        return None
    if typing.get_origin(shape) is tuple and all(size is int for size in sizes):
        return len(sizes)
    raise refuse(f"the shape {shape!r} is not supported; write tuple[int, int] for two dimensions")


def _scalars(numpy: Any, dtype: object, refuse: Refuse) -> tuple[type, ...]:
    if dtype is Any:
        return ()
    arguments = typing.get_args(dtype)
    if typing.get_origin(dtype) is not numpy.dtype or len(arguments) != 1:
        raise refuse(f"{dtype!r} is no dtype; write numpy.typing.NDArray[numpy.float64]")
    (scalar,) = arguments
    if scalar is Any:
        return ()
    if typing.get_origin(scalar) in (typing.Union, types.UnionType):
        scalars = typing.get_args(scalar)
    else:
        scalars = (scalar,)
    for kind in scalars:
        if not (isinstance(kind, type) and issubclass(kind, numpy.generic)):
            raise refuse(f"{kind!r} is no NumPy scalar type")
        if kind.__name__ in _NEVER:
            raise refuse("arrays of objects or records never cross; use a plain dtype")
    return () if numpy.generic in scalars else scalars


def _array(numpy: Any, scalars: tuple[type, ...], dimensions: int | None) -> Check:
    text = "array"
    if scalars:
        text += f" of {' or '.join(kind.__name__ for kind in scalars)}"
    if dimensions is not None:
        text += f" with {dimensions} dimension{'s' if dimensions != 1 else ''}"

    def run(value: Any) -> Any:
        if (
            type(value) is numpy.ndarray
            and (not scalars or issubclass(value.dtype.type, scalars))
            and (dimensions is None or value.ndim == dimensions)
            and value.dtype.kind not in "OV"
        ):
            return value
        raise Mismatch(text, value)

    return Check(text, run, types=frozenset({numpy.ndarray}))


def _scalar(numpy: Any, kind: Any, refuse: Refuse) -> Check:
    try:
        letter = numpy.dtype(kind).kind
    except TypeError:
        letter = ""
    if letter not in _EXACT_FROM or kind not in {numpy.dtype(code).type for code in _CODES}:
        raise refuse("use one of NumPy's own numbers, such as numpy.float64, or a Python type")
    text, python = f"numpy.{kind.__name__}", _EXACT_FROM[letter]

    def run(value: Any) -> Any:
        if type(value) is kind:
            return value
        if type(value) in python:
            try:
                with numpy.errstate(over="ignore"):
                    converted = kind(value)
            except OverflowError:
                raise Mismatch(text, value) from None
            # As a Python number: NumPy would compare in the lower precision.
            if converted.item() == value or numpy.isnan(converted):
                return converted
        raise Mismatch(text, value)

    return Check(text, run, types=frozenset({kind}), widened=frozenset(python))
