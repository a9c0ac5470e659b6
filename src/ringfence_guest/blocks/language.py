"""What a block script finds in its namespace: what the host lends, and nothing that leads on."""

from __future__ import annotations

import builtins
import math
from types import SimpleNamespace
from typing import Any, NoReturn

from ringfence_guest.blocks.values import Color, Point, Transform

__all__ = ["lent_names"]

_BUILTINS = [
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
    "ValueError",
    "AssertionError",
    "True",
    "False",
    "None",
]
_MATH = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "dist",
    "e",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "floor",
    "fmod",
    "fsum",
    "hypot",
    "inf",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isqrt",
    "log",
    "log10",
    "log1p",
    "log2",
    "modf",
    "pi",
    "radians",
    "remainder",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tau",
    "trunc",
]
_MOST_BITS = 4096
_MOST_ITEMS = 100_000
_NUMBERS = (int, float, bool, Color)


def lent_names() -> dict[str, Any]:
    """The built-in names of all scripts, but for those that draw and count."""
    names = {name: getattr(builtins, name) for name in _BUILTINS}
    names["math"] = SimpleNamespace(**{name: getattr(math, name) for name in _MATH})
    names |= {"Point": Point, "Color": Color, "Transform": Transform}
    names |= {
        "_multiply": _multiply, "_power": _power, "_shift": _shift, "_remainder": _remainder,
    }  # fmt: skip
    names["__import__"] = _import
    names["__name__"] = "block"
    return names


def _import(name: str, *_: Any, **__: Any) -> NoReturn:
    raise PermissionError(f"a block imports nothing: {str(name)[:100]}")


def _multiply(left: Any, right: Any) -> Any:
    kinds = left.__class__, right.__class__
    if kinds[0] in _NUMBERS and kinds[1] in _NUMBERS:
        if float not in kinds and left.bit_length() + right.bit_length() > _MOST_BITS:
            raise OverflowError(f"the product has more than {_MOST_BITS} bits")
    elif isinstance(left, int) or isinstance(right, int):
        items, times = (right, left) if isinstance(left, int) else (left, right)
        if items.__class__ in (list, tuple, str) and len(items) * times > _MOST_ITEMS:
            raise OverflowError(f"the repetition has more than {_MOST_ITEMS} items")
    return left * right


def _power(base: Any, exponent: Any) -> Any:
    if base.__class__ not in _NUMBERS or exponent.__class__ not in _NUMBERS:
        raise TypeError("** is for numbers")
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and exponent > 0
        and base.bit_length() * exponent > _MOST_BITS
    ):
        raise OverflowError(f"the power has more than {_MOST_BITS} bits")
    return base**exponent


def _shift(value: Any, places: Any) -> Any:
    whole = value.__class__ in (int, bool) and places.__class__ in (int, bool)
    if whole and value.bit_length() + places > _MOST_BITS:
        raise OverflowError(f"the number has more than {_MOST_BITS} bits")
    return value << places


def _remainder(left: Any, right: Any) -> Any:
    if left.__class__ not in _NUMBERS:
        raise TypeError('% is for numbers; write an f-string: f"{value:.2f}"')
    return left % right
