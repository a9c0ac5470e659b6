"""What comes out of a measurement: a row of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ringfence.cli.bench.timing import Series

__all__ = ["BARE", "Row", "Target", "skipped", "timing"]

BARE = "bare"
"""Name of ``python -I -S -c pass``, what times are quoted against."""

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6}


@dataclass(frozen=True)
class Target:
    """What the project set itself.

    Attributes:
        limit: the figure.
        of: which of a row's figures it bounds.
        least: whether it bounds from below.
    """

    limit: float
    of: Literal["median", "ratio"] = "median"
    least: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured thing.

    Attributes:
        group: the table it belongs to.
        name: what was measured.
        subject: whether it is Ringfence; else a peer.
        unit: of ``median`` and ``p99``: ``ms``, ``us``, ``/s``, ``MiB``, ``MB/s``.
        median: None when it was left out; ``note`` says why.
        p99: 99 % were no worse (for rates: no lower).
        count: how often it was measured.
        ratio: of the median to that of ``to``.
        to: what the ratio is to; measured in turn with this, in the same run.
        target: what it should be.
        note: what a reader has to know.
    """

    group: str
    name: str
    subject: bool = True
    unit: str = ""
    median: float | None = None
    p99: float | None = None
    count: int = 0
    ratio: float | None = None
    to: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None without one."""
        if self.target is None:
            return None
        value = self.median if self.target.of == "median" else self.ratio
        if value is None:
            return None
        return value >= self.target.limit if self.target.least else value <= self.target.limit

    def as_dict(self) -> dict[str, Any]:
        """For results.json."""
        target = self.target
        return {
            "group": self.group,
            "name": self.name,
            "subject": self.subject,
            "unit": self.unit,
            "median": self.median,
            "p99": self.p99,
            "count": self.count,
            "ratio": self.ratio,
            "to": self.to,
            "target": None
            if target is None
            else {"limit": target.limit, "of": target.of, "least": target.least},
            "met": self.met,
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Row:
        """The inverse of :meth:`as_dict`."""
        fields = {name: value for name, value in data.items() if name not in ("met", "target")}
        target = data["target"]
        return cls(target=None if target is None else Target(**target), **fields)


def timing(
    group: str,
    name: str,
    series: Series,
    unit: str,
    *,
    against: Series | None = None,
    to: str = BARE,
    subject: bool = True,
    target: Target | None = None,
    note: str = "",
) -> Row:
    """The row of a series of times; ``against`` is the series of ``to``."""
    scale = _PER_SECOND[unit]
    return Row(
        group=group,
        name=name,
        subject=subject,
        unit=unit,
        median=series.median * scale,
        p99=series.p99 * scale,
        count=series.count,
        ratio=None if against is None else series.median / against.median,
        to=to if against is not None else "",
        target=target,
        note=note,
    )


def skipped(group: str, name: str, reason: str, *, subject: bool = False) -> Row:
    """The row of what could not be measured here."""
    return Row(group=group, name=name, subject=subject, note=reason)
