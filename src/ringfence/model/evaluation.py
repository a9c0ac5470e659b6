"""Many short calls: what is called, what each call may use, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.errors import ConfigurationError
from ringfence.model.limits import parse_duration, parse_size
from ringfence_guest.protocol.batches import CallStatus
from ringfence_guest.protocol.report import ErrorInfo as GuestErrorInfo

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "BatchOutcomes",
    "Budget",
    "CallStatus",
    "Called",
    "Calls",
    "Column",
    "GuestErrorInfo",
    "Script",
]

Column = Any
"""An argument of every call: a list, or a NumPy array of one dimension."""

_MOST_FUEL = 1 << 60
_MOST_FRAMES = 10_000
_LOADING = 1.0  # seconds that loading has at least


@dataclass(frozen=True, kw_only=True)
class Script:
    """A function in source text.

    Attributes:
        source: what defines it.
        entry: its name there.
        name: of the text, as error messages have it.

    Raises:
        ConfigurationError: one of them is not what it should be.
    """

    source: str
    entry: str
    name: str = "<script>"

    def __post_init__(self) -> None:
        for field_name in ("source", "entry", "name"):
            value = getattr(self, field_name)
            if type(value) is not str or "\0" in value:
                raise ConfigurationError(f"Script({field_name}=…) must be a text without NUL")
        if not self.entry.isidentifier():
            raise ConfigurationError(f"entry={self.entry!r} is not the name of a function")


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Calls of one script.

    Attributes:
        script: its place among the scripts of the program.
        columns: the first argument of every call, the second, …, of equal length.
        count: how many calls, where there are no columns.
    """

    script: int = 0
    columns: Sequence[Column] = ()
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What each call may use, for itself. None: no bound for a call alone.

    Attributes:
        fuel: instructions, counted exactly.
        recursion: frames of Python functions, one in another.
        memory: bytes that its program holds and what the call allocates, together.
        wall: seconds. In `micro` and `pocketpy`, what is loaded has the same, but a second at
            least: a bound that is short for a call says nothing of scripts and preludes.
        output: bytes that are printed, by the whole batch.
        records: bytes that a call may hand back as records.

    An evaluator that cannot hold one that is set refuses the batch.

    Raises:
        ConfigurationError: one of them is no such number.
    """

    fuel: int | None = None
    recursion: int | None = 50
    memory: int | str | None = 1 << 20
    wall: float | None = 1.0
    output: int | str = 64 << 10
    records: int | str = 1 << 20

    def __post_init__(self) -> None:
        for name, most in (("fuel", _MOST_FUEL), ("recursion", _MOST_FRAMES)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or not 1 <= value <= most):
                raise ConfigurationError(f"{name}={value!r} must be a whole number, 1 to {most}")
        for name in ("memory", "output", "records"):
            value = getattr(self, name)
            if value is not None or name != "memory":
                object.__setattr__(self, name, parse_size(value, name, least=0))
        if self.wall is not None:
            object.__setattr__(self, "wall", parse_duration(self.wall, "wall"))

    @property
    def loading_wall(self) -> float | None:
        """Seconds that each script, and the prelude, may take to load; None: no bound."""
        return None if self.wall is None else max(self.wall, _LOADING)


class Called(NamedTuple):
    """What came of a single call.

    Attributes:
        status: a :class:`CallStatus`.
        value: the number that it returned; 0 where it is not OK.
        error: what went wrong; guest text.
        limit: the bound that was reached.
    """

    status: int
    value: float
    error: GuestErrorInfo | None = None
    limit: str | None = None


@dataclass(frozen=True, kw_only=True)
class BatchOutcomes:
    """What came of a batch, call by call, in the order of :class:`Calls`.

    Attributes:
        status: a :class:`CallStatus` for each call, uint8: it was not made (the batch was
            cancelled), returned, raised, reached a bound of its :class:`Budget`, or the guest broke
            down in it.
        values: the numbers of each call, ``(calls,)`` or ``(calls, width)``; 0 where it is not OK.
        errors: index -> what went wrong, of the first 10,000 failures and of every call that was
            stopped; guest text.
        limits: index -> the bound that was reached: ``fuel``, ``recursion``, ``memory``, ``wall``,
            ``output`` or ``records``.
        fuel: instructions that each call used, int64, where that was asked for.
        counts: records of each call, int64; 0 where it is not OK.
        records: all of them, one after another: those of call ``i`` begin after
            ``counts[:i].sum()`` others.
        output: what was printed.
        guests: how many guests it took: one, and one for each call that was stopped.
        cancelled: whether it was.
    """

    status: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]
    errors: Mapping[int, GuestErrorInfo] = field(default_factory=dict)
    limits: Mapping[int, str] = field(default_factory=dict)
    fuel: np.ndarray[Any, Any] | None = None
    counts: np.ndarray[Any, Any] | None = None
    records: bytes | bytearray = b""
    output: bytes = b""
    guests: int = 1
    cancelled: bool = False

    @property
    def ok(self) -> bool:
        """Whether every call returned."""
        return bool((self.status == CallStatus.OK).all())
