"""What one turn may use, and the word for having used it up."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Budget", "BudgetSpent"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one turn may use. Times in seconds, sizes in bytes. ``inf`` means no bound.

    ``fuel`` is counted around the guest, not here: the shell says when it was used up.
    """

    wall: float = 30.0
    host_wall: float = 30.0
    cpu: float = 30.0
    output: int = 1 << 20
    display: int = 16 << 20
    calls: int = 1_000
    value: int = 64 << 20
    threads: int = 8
    fuel: int | None = None


class BudgetSpent(Exception):
    """A part of the budget is spent; what came over it is dropped.

    Args:
        part: its name.
    """

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part
