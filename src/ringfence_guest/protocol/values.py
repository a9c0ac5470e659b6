"""The values that may cross the wall, and their limits.

Plain data only. A value that is not in the list arrives as :class:`Opaque`, an instance of a
declared class arrives as :class:`Record`; neither side can choose a class of the other side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "ARRAY_DTYPES",
    "MAX_BIG_INT_BYTES",
    "MAX_DECIMAL_DIGITS",
    "MAX_DECIMAL_EXPONENT",
    "MAX_DEPTH",
    "MAX_DIMENSIONS",
    "MAX_FRACTION_BITS",
    "MAX_OPAQUE_TEXT",
    "Opaque",
    "Record",
    "StreamHandle",
]

MAX_DEPTH = 64
"""How deep containers may be nested in one value."""

MAX_BIG_INT_BYTES = 65_536
"""Integers cross in binary; a longer one is refused (turning it into text would cost seconds)."""

MAX_DECIMAL_DIGITS = 4_300
"""Digits of a Decimal: the limit that CPython puts on ``int(str)``."""

MAX_DECIMAL_EXPONENT = 6_144
"""Exponent of a Decimal, either sign: that of IEEE 754 decimal128. ``Decimal("1e4000000")`` turned
into an int costs more than a second."""

MAX_FRACTION_BITS = 8_192
"""Bits of a Fraction's numerator or denominator. Taking one in means finding a common divisor,
which takes quadratic time: 20 ms of the host's for two numbers of 8 KiB."""

MAX_DIMENSIONS = 32
"""Dimensions of an array."""

MAX_OPAQUE_TEXT = 2_000
"""Characters kept of the ``repr`` of a value that cannot cross."""

ARRAY_DTYPES = frozenset(
    {"|b1", "|i1", "|u1"}
    | {f"{order}{kind}{size}" for order in "<>" for kind in "iu" for size in (2, 4, 8)}
    | {f"{order}f{size}" for order in "<>" for size in (2, 4, 8)}
    | {f"{order}c{size}" for order in "<>" for size in (8, 16)}
)
"""Array dtypes that cross by these exact names. Datetimes (``<M8[ns]``) and fixed-width text
(``<U12``, ``|S7``) cross too, by pattern. Objects and records never do."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for a value of the other side that cannot cross: its type's name and its ``repr``."""

    type_name: str
    text: str

    def __repr__(self) -> str:
        return f"Opaque({self.type_name}: {self.text})"


@dataclass(frozen=True, slots=True)
class Record:
    """An instance of a dataclass, a named tuple or a model: the name of its type, and its fields.

    The receiver decides from its own declarations what to make of it; ``type_name`` is a label.
    """

    type_name: str
    fields: dict[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """A record may be a key, as its original was."""
        try:
            return hash((self.type_name, frozenset(self.fields.items())))
        except TypeError:  # a field that has no hash; equal records still have equal ones
            return hash((self.type_name, frozenset(self.fields)))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"{self.type_name} has no field {name!r}") from None


@dataclass(frozen=True, slots=True)
class StreamHandle:
    """A long stream of bytes, by its number within a turn.

    ``direction`` is seen from the guest: ``"read"`` (host to guest) or ``"write"``.
    """

    stream: int
    direction: str
