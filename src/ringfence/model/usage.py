"""What a turn used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Usage"]


@dataclass(frozen=True)
class Usage:
    """What a turn used, under the names of the :class:`~ringfence.Limits` that bound it.

    Attributes:
        wall: seconds that the guest ran.
        host_wall: seconds during which host functions kept the turn.
        cpu: seconds of the guest's CPU clock, or None where the engine has none.
        fuel: instructions, where they are counted: with ``Limits(fuel=…)`` and with
            ``Policy(deterministic=True)``. None elsewhere, and of a turn that was killed for
            another reason.
        steps: ticks of the block compiler, or None.
        output: bytes of stdout and stderr as charged.
        display: bytes of displays as charged.
        calls: host calls.
        value: bytes of the returned value.
        memory: bytes resident at the end of the turn, shared image included, or None where unknown.
        shared: bytes of arrays that were lent where they are (:func:`ringfence.empty`); those of
            other arrays were copied.
    """

    wall: float = 0.0
    host_wall: float = 0.0
    cpu: float | None = None
    fuel: int | None = None
    steps: int | None = None
    output: int = 0
    display: int = 0
    calls: int = 0
    value: int = 0
    memory: int | None = None
    shared: int = 0

    def __getitem__(self, name: str) -> float | int | None:
        try:
            value: float | int | None = getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None
        return value

    def as_dict(self) -> dict[str, Any]:
        """Name -> value."""
        return {**vars(self)}  # numbers only: nothing to copy in depth
