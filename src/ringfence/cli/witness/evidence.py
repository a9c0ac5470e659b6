"""What was seen: plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ringfence.model import WallSet

if TYPE_CHECKING:
    from ringfence.cli.witness.bench import Bench
    from ringfence.engine import Availability, Capabilities

__all__ = ["Evidence", "Examined", "Kind", "Probe", "Seen", "Stand", "Verdict", "fell", "stood"]

Kind = Literal["wall", "denial", "limit", "grant", "apart"]
Verdict = Literal["stood", "refused", "fell"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one probe."""

    verdict: Verdict
    text: str


def stood(text: str) -> Seen:
    """It was denied, or it was stopped, as it must be."""
    return Seen("stood", text)


def fell(text: str) -> Seen:
    """It was not."""
    return Seen("fell", text)


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try.

    Attributes:
        kind: what sort of thing is put to the test.
        subject: its name: a wall's, a limit's, a key of ``Result.enforced``.
        claim: what is tried, in words.
        take: tries it. ``PolicyNotEnforceable`` means that the engine refuses, which is honest.
    """

    kind: Kind
    subject: str
    claim: str
    take: Callable[[Bench], Seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one probe saw.

    Attributes:
        kind: as the probe's.
        subject: as the probe's.
        claim: as the probe's.
        mechanism: what enforces the subject, as ``Result.enforced`` says; empty if it does not say.
        seen: what happened. Guest text may be in it.
        verdict: ``stood``; ``refused`` (asked for, it is refused before anything starts); ``fell``.
    """

    kind: Kind
    subject: str
    claim: str
    mechanism: str
    seen: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Stand:
    """One engine behind one set of walls.

    Attributes:
        walls: the set.
        default: whether a policy that names no walls accepts it.
        enforced: what ``Result.enforced`` says there.
        evidence: what was seen.
    """

    walls: WallSet
    default: bool
    enforced: Mapping[str, str]
    evidence: tuple[Evidence, ...]

    @property
    def fallen(self) -> tuple[Evidence, ...]:
        """The evidence against it."""
        return tuple(one for one in self.evidence if one.verdict == "fell")


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One engine, and what was seen of it behind each set of walls that it can build here."""

    name: str
    capabilities: Capabilities
    availability: Availability
    stands: tuple[Stand, ...] = field(default=())

    @property
    def available(self) -> bool:
        """Whether a default set of walls stands here."""
        return any(stand.default for stand in self.stands)

    @property
    def fallen(self) -> tuple[Evidence, ...]:
        """The evidence against it, behind any walls."""
        return tuple(one for stand in self.stands for one in stand.fallen)
