"""Timing: subjects take turns, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Advancing", "Series", "Subject", "take_turns"]


class Advancing(Protocol):
    """What is told of each round."""

    def advance(self) -> None:
        """One more is done."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Something to measure.

    Attributes:
        name: unique among the subjects that take turns.
        work: what is timed, each call by itself.
        every: it is its turn once in so many rounds.
        block: calls in one turn.
        clocked: ``work`` returns the seconds that it measured itself.
        warm: turns that are not counted, before all others.
        before: done before each turn, not timed.
    """

    name: str
    work: Callable[[], Any]
    every: int = 1
    block: int = 1
    clocked: bool = False
    warm: int = 3
    before: Callable[[], Any] | None = None


class Series:
    """Measured seconds."""

    def __init__(self, seconds: Iterable[float]) -> None:
        self.seconds = sorted(seconds)
        if not self.seconds:
            raise ValueError("nothing was measured")

    @property
    def count(self) -> int:
        """How many."""
        return len(self.seconds)

    @property
    def median(self) -> float:
        """Half took less."""
        return statistics.median(self.seconds)

    @property
    def mean(self) -> float:
        """The sum by the count."""
        return statistics.fmean(self.seconds)

    @property
    def p99(self) -> float:
        """99 % took no more (nearest rank: the largest of fewer than a hundred)."""
        return self.seconds[math.ceil(0.99 * len(self.seconds)) - 1]


def take_turns(
    subjects: Sequence[Subject],
    rounds: int,
    progress: Advancing,
    *,
    rest: float = 0.0,
    seconds: float = math.inf,
) -> dict[str, Series]:
    """Measure subjects in turn, the order rotated every round so that each follows each other.

    The garbage collector stays as it is in any program: on.

    Args:
        subjects: what to measure.
        rounds: how often a subject with ``every=1`` has its turn.
        progress: told of each round.
        rest: seconds between turns, so that the end of what one started (a killed process that
            the kernel takes apart) is not charged to the next.
        seconds: no round begins later than this after the first, which is always measured.

    Returns:
        The seconds of each, by name.
    """
    found: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        for _ in range(subject.warm):
            if subject.before is not None:
                subject.before()
            subject.work()
    end = time.monotonic() + seconds
    for number in range(rounds):
        if number and time.monotonic() >= end:
            break
        first = number % len(subjects)
        for subject in (*subjects[first:], *subjects[:first]):
            if number % subject.every:
                continue
            if subject.before is not None:
                subject.before()
            if rest:
                time.sleep(rest)
            found[subject.name] += _measure(subject)
        progress.advance()
    return {name: Series(seconds) for name, seconds in found.items()}


def _measure(subject: Subject) -> list[float]:
    clock, work = time.perf_counter, subject.work
    seconds: list[float] = []
    for _ in range(subject.block):
        start = clock()
        answer = work()
        seconds += answer if subject.clocked else [clock() - start]
    return seconds
