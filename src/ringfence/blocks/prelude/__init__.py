"""What block scripts find in a guest whose language is a small Python: text, for evaluators.

It is written in what small Pythons have in common, and it replaces what these do in another way
than CPython: sorting that is not stable, dicts without an order, rounding, formats. What they lack
altogether raises there.

A call leaves its geometry in ``records``, seven doubles for each record: the six that
:mod:`ringfence_guest.protocol.geometry` has, and the kind plus 256 times the colour. Texts follow:
a record of kind :data:`TEXT_HEAD` with the number of characters, and then their codes, six in each
record of kind :data:`TEXT_CODES`.
"""

from __future__ import annotations

from ringfence.blocks.prelude.budgets import BUDGETS
from ringfence.blocks.prelude.containers import CONTAINERS
from ringfence.blocks.prelude.drawing import DRAWING
from ringfence.blocks.prelude.integers import OF_64_BITS, UNBOUNDED
from ringfence.blocks.prelude.mathematics import MATHEMATICS
from ringfence.blocks.prelude.texts import TEXTS
from ringfence.blocks.prelude.values import VALUES
from ringfence.blocks.vocabulary import MATH
from ringfence_guest.protocol.geometry import (
    FIELDS,
    LEAST_VERTICES,
    NOT_NEGATIVE,
    POSITIVE,
    Kind,
)

__all__ = ["TEXT_CODES", "TEXT_HEAD", "TEXT_RECORDS", "write_prelude"]

TEXT_CODES, TEXT_HEAD = 254, 255
TEXT_RECORDS = 12_000
"""Records that the texts of one instance take at most, beside those that are geometry."""

_DIGITS = 18

_LENT = (
    "__import__",
    "print",
    "_begin", "_end", "_tick", "_turns", "_enter", "_leave", "_import", "_draw", "_dict", "_format",
    "_slice", "_flat", "_geometry", "_method_sort", "_method_setdefault", "_method_zfill",
    "_method_capitalize", "_method_title", "_method_isdigit", "_method_isalpha", "_multiply",
    "_power", "_shift", "_modulo", "math", "round", "dict", "sorted", "range", "sum", "min", "max",
    "str", "Point", "Color", "Transform", "point", "line", "line3", "circle", "arc", "text",
    "polyline", "polygon", "extrusion", "cuboid", "cylinder", "cone", "sphere",
)  # fmt: skip
_LENT_OF_64_BITS = ("_add", "_subtract", "_in_place", "int")


def write_prelude(steps: int, recursion: int, primitives: int, integers: int | None) -> str:
    """The text for instances that may use so much.

    Args:
        steps: ticks.
        recursion: frames.
        primitives: records.
        integers: bits of the language's ints, or None.
    """
    lent = _LENT if integers is None else _LENT + _LENT_OF_64_BITS
    fields = {
        int(kind): (
            kind.name.lower(), FIELDS[kind], POSITIVE.get(kind, ()), NOT_NEGATIVE.get(kind, ()),
        )
        for kind in Kind
    }  # fmt: skip
    checked = {int(kind): True for kind in Kind if kind in POSITIVE or kind in NOT_NEGATIVE}
    least = {int(kind): number for kind, number in LEAST_VERTICES.items()}
    fixed = ", ".join(f'lambda x: f"{{x:.{digits}f}}"' for digits in range(_DIGITS))
    head = (
        f"STEPS, RECURSION, MOST = {steps}, {recursion}, {7 * primitives}\n"
        f"TEXT_RECORDS, FIELDS, CHECKED = {TEXT_RECORDS}, {fields}, {checked}\n"
        f"LEAST, MATH = {least}, {sorted(MATH)}\n"
        f"_FIXED = [{fixed}]\n"
    )
    rest = UNBOUNDED if integers is None else OF_64_BITS
    parts = (BUDGETS, MATHEMATICS, CONTAINERS, TEXTS, VALUES, DRAWING, rest)
    return f"__all__ = {list(lent)}\n{head}{''.join(parts)}"
