"""What ``Annotated`` may add to an annotation: bounds and lengths, and nothing that runs code.

Known are the classes of ``annotated_types`` and ``pydantic.Field``. They are recognised by name, so
that neither package is imported here. Anything else is refused: a constraint that was ignored would
be worse than none.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.model.marks import Range, Unit
from ringfence.runtime.checks.check import Check, Mismatch, describe, type_name

__all__ = ["Constraints", "constrained", "read_metadata"]

Refuse = Callable[[str], ConfigurationError]

_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "gt": (">", operator.gt),
    "ge": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "le": ("<=", operator.le),
}
_NUMBERS: tuple[type, ...] = (int, float)
_COMPARABLE: dict[type, tuple[type, ...]] = {
    int: _NUMBERS,
    float: _NUMBERS,
    decimal.Decimal: (*_NUMBERS, decimal.Decimal),
    fractions.Fraction: (*_NUMBERS, fractions.Fraction),
    datetime.date: (datetime.date,),
    datetime.datetime: (datetime.datetime,),
    datetime.time: (datetime.time,),
    datetime.timedelta: (datetime.timedelta,),
}
_SIZED = frozenset({str, bytes, list, tuple, set, frozenset, dict})
_DOCUMENTATION = frozenset({"Doc", "DocInfo"})
_LEFT_TO_PYDANTIC = frozenset({"StringConstraints", "UuidVersion", "_PydanticGeneralMetadata"})


@dataclass(slots=True)
class Constraints:
    """What was read from the metadata of one annotation."""

    bounds: list[tuple[str, Any]] = field(default_factory=list)
    shortest: int = 0
    longest: int | None = None
    multiple_of: int | None = None
    finite: bool = False

    def __bool__(self) -> bool:
        return self != Constraints()


def read_metadata(metadata: Iterable[object], refuse: Refuse, *, in_model: bool) -> Constraints:
    """Read the metadata of an ``Annotated`` or of the field of a model.

    Args:
        metadata: the objects in ``Annotated[…]`` after the type.
        refuse: makes the error for metadata that is not known.
        in_model: these belong to a field of a pydantic model, which enforces them itself as well;
            what only pydantic knows (a pattern, digits of a Decimal) is left to it.
    """
    found = Constraints()
    for item in metadata:
        _read(item, found, refuse, in_model=in_model)
    return found


def _read(item: object, found: Constraints, refuse: Refuse, *, in_model: bool) -> None:
    package, name = type(item).__module__.partition(".")[0], type(item).__name__
    if item is None or isinstance(item, str | Unit) or name in _DOCUMENTATION:
        return
    if isinstance(item, Range):
        found.bounds += [("ge", item.low)] if item.low > -math.inf else []
        found.bounds += [("le", item.high)] if item.high < math.inf else []
        return
    if package not in ("annotated_types", "pydantic"):
        raise refuse(f"its metadata {type_name(type(item))} is not known")
    known: Any = item
    if name.lower() in _BOUNDS:
        found.bounds.append((name.lower(), getattr(known, name.lower())))
    elif name == "Interval":
        found.bounds += [
            (bound, getattr(known, bound)) for bound in _BOUNDS if getattr(known, bound) is not None
        ]
    elif name in ("MinLen", "MaxLen", "Len"):
        found.shortest = max(found.shortest, getattr(known, "min_length", 0) or 0)
        longest = getattr(known, "max_length", None)
        if longest is not None:
            found.longest = longest if found.longest is None else min(found.longest, longest)
    elif name == "MultipleOf" and type(known.multiple_of) is int and known.multiple_of > 0:
        found.multiple_of = known.multiple_of
    elif name == "AllowInfNan":
        found.finite = found.finite or not known.allow_inf_nan
    elif name in ("Strict", "FailFast"):
        if name == "Strict" and not known.strict and not in_model:
            raise refuse("values are always checked strictly; leave strict=False out")
    elif name == "FieldInfo":
        _read_field(known, found, refuse, in_model=in_model)
    elif not (in_model and (name in _LEFT_TO_PYDANTIC or name == "MultipleOf")):
        raise refuse(f"its metadata {_shown(item)} is not supported")


def _read_field(info: Any, found: Constraints, refuse: Refuse, *, in_model: bool) -> None:
    if not info.is_required() or info.alias or info.validation_alias:
        raise refuse("a Field(...) in Annotated may hold bounds and lengths, no default, no alias")
    for item in info.metadata:
        _read(item, found, refuse, in_model=in_model)


def _shown(item: object) -> str:
    name = type_name(type(item))
    if name.endswith("MultipleOf"):
        return f"{name} (only of a positive int, on an int)"
    if name.endswith("_PydanticGeneralMetadata"):
        return f"pydantic.Field({', '.join(vars(item))})"
    return name


def constrained(check: Check, wanted: Constraints, refuse: Refuse) -> Check:
    """``check``, and what was ``wanted`` on top. Of a union, each member but None gets it."""
    if not wanted:
        return check
    types = check.types or frozenset()
    bounded_by = _bounds_for(types, wanted, refuse)
    if wanted.multiple_of is not None and types != {int}:
        raise refuse(f"MultipleOf is for int, not for {check.text}")
    if wanted.finite and types != {float}:
        raise refuse(f"allow_inf_nan=False is for float, not for {check.text}")
    measured = bool(wanted.shortest) or wanted.longest is not None
    if measured and not (types and types <= _SIZED):
        raise refuse(f"a length is for text, bytes and containers, not for {check.text}")
    text = f"{check.text} ({', '.join(_texts(wanted))})"
    base = check.run
    passes = _conditions(bounded_by, wanted)

    def run(value: Any) -> Any:
        # Length first: what is too long is not looked at any further.
        if measured and type(value) in types and not _measures(value, wanted):
            raise Mismatch(text, value)
        checked = base(value)
        if not passes(checked):
            raise Mismatch(text, value)
        return checked

    return Check(text, run, types=check.types, widened=check.widened, children=(check,))


def _conditions(
    bounded_by: list[tuple[Callable[[Any, Any], bool], Any]], wanted: Constraints
) -> Callable[[Any], bool]:
    """Whether a value of the right type keeps to ``wanted``."""
    finite, multiple_of = wanted.finite, wanted.multiple_of
    measured = bool(wanted.shortest) or wanted.longest is not None

    def passes(value: Any) -> bool:
        try:
            for compare, bound in bounded_by:
                if not compare(value, bound):
                    return False
        except (TypeError, ArithmeticError):  # a NaN Decimal; a date with a zone beside one without
            return False
        if finite and not math.isfinite(value):
            return False
        if multiple_of is not None and value % multiple_of:
            return False
        return not measured or _measures(value, wanted)

    return passes


def _bounds_for(
    types: frozenset[type], wanted: Constraints, refuse: Refuse
) -> list[tuple[Callable[[Any, Any], bool], Any]]:
    for name, bound in wanted.bounds:
        for kind in types or {object}:
            if type(bound) not in _COMPARABLE.get(kind, ()):
                raise refuse(f"{name}={describe(bound)} is no bound for {type_name(kind)}")
    return [(_BOUNDS[name][1], bound) for name, bound in wanted.bounds]


def _measures(value: Any, wanted: Constraints) -> bool:
    size = len(value)
    return size >= wanted.shortest and (wanted.longest is None or size <= wanted.longest)


def _texts(wanted: Constraints) -> list[str]:
    texts = [f"{_BOUNDS[name][0]} {bound}" for name, bound in wanted.bounds]
    if wanted.shortest:
        texts.append(f"length >= {wanted.shortest}")
    if wanted.longest is not None:
        texts.append(f"length <= {wanted.longest}")
    if wanted.multiple_of is not None:
        texts.append(f"a multiple of {wanted.multiple_of}")
    if wanted.finite:
        texts.append("finite")
    return texts
