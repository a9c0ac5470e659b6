"""What bounds one instance of a block."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.errors import ConfigurationError
from ringfence.model.limits import Duration, Size, parse_duration, parse_size

__all__ = ["BlockLimits"]


@dataclass(frozen=True, kw_only=True)
class BlockLimits:
    """What each instance may use. One that uses more ends alone; the others are not concerned.

    Attributes:
        fuel: instructions, exact; None is no bound. Engines that cannot count refuse a value. Those
            whose guests are CPython count what a turn of its own for each instance uses: reading
            the parameters and packing the records is counted too.
        steps: turns of loops and comprehensions, and calls of the script's own functions. On
            engines whose guests are CPython they are counted by what the compiler writes into the
            script: Python level only, so that a call within C, such as ``sum(range(10**9))``,
            is one that only ``wall`` bounds.
        recursion: frames of the script's own functions within each other, the block's included.
        memory: bytes that an instance may allocate; None is no bound of its own. Engines that
            cannot count them refuse a value; the guest's memory as a whole is always bounded.
        primitives: records, vertices included.
        wall: seconds. Where the engine's guests share memory with the host, an instance has at
            least that and less than twice as much; elsewhere exactly that.

    Raises:
        ConfigurationError: a value is not what it should be; the message names it.
    """

    fuel: int | None = None
    steps: int = 1_000_000
    recursion: int = 50
    memory: Size | None = None
    primitives: int = 10_000
    wall: Duration = 1.0

    def __post_init__(self) -> None:
        for name, most in (
            ("fuel", 1 << 62), ("steps", 1 << 62), ("recursion", 500), ("primitives", 1_000_000),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is None and name == "fuel":
                continue
            if type(value) is not int or not 1 <= value <= most:
                raise ConfigurationError(
                    f"{name}={value!r} must be a whole number from 1 to {most}"
                )
        if self.memory is not None:
            object.__setattr__(self, "memory", parse_size(self.memory, "memory"))
        object.__setattr__(self, "wall", parse_duration(self.wall, "wall"))
