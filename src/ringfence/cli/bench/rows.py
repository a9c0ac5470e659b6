"""What was measured, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringfence.cli.bench.timing import Series

__all__ = ["BARE", "CALLS", "RATE", "START", "Outcome", "Row"]

BARE = "bare python -I -S -c pass"
"""What every time is put against: measured in turn with it."""

START = "to the first result"
CALLS = "round trips with a live sandbox"
RATE = "one after the other"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured thing.

    Attributes:
        group: :data:`START`, :data:`CALLS` or :data:`RATE`.
        name: what was measured.
        ours: whether it is Ringfence; else a peer.
        unit: ``s``, or ``/s`` for a rate.
        median: in that unit; None when it was left out, and ``note`` says why.
        p99: 99 % took no longer; None for a rate.
        count: how often it was measured.
        ratio: of the median to that of :data:`BARE`.
        note: what a reader has to know.
    """

    group: str
    name: str
    ours: bool
    unit: str = "s"
    median: float | None = None
    p99: float | None = None
    count: int = 0
    ratio: float | None = None
    note: str = ""

    @classmethod
    def of(cls, group: str, name: str, series: Series, bare: Series, *, ours: bool) -> Row:
        """The row of measured seconds."""
        return cls(
            group=group,
            name=name,
            ours=ours,
            median=series.median,
            p99=series.p99,
            count=series.count,
            ratio=series.median / bare.median,
        )


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Attributes:
        facts: about the machine, name -> text.
        rows: in the order in which they are shown.
    """

    facts: Mapping[str, str]
    rows: Sequence[Row]

    def as_json(self) -> dict[str, Any]:
        """Under the names of the attributes."""
        rows = [
            {name: getattr(row, name) for name in Row.__dataclass_fields__} for row in self.rows
        ]
        return {"facts": dict(self.facts), "rows": rows}
