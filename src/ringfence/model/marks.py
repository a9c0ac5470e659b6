"""What an annotation says of numbers beside their type: ``Annotated[float, Range(0, 1)]``."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ringfence.errors import ConfigurationError

__all__ = ["AllowNonFinite", "Range", "Unit"]


@dataclass(frozen=True, slots=True)
class Range:
    """What a number, or each number of an array, must lie in; inclusive."""

    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ConfigurationError(f"Range({self.low}, {self.high}): the first is the lower one")

    def __str__(self) -> str:
        return f"from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number is measured in, for people: ``Unit("m")``."""

    text: str


@dataclass(frozen=True, slots=True)
class AllowNonFinite:
    """NaN and the infinities may cross; without this they may not."""
