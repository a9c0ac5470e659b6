"""What a check notes: what is wrong with a value, and how much work was done to find out.

Nothing here shows a value: that is left to the few problems that are told in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = [
    "Check",
    "Compile",
    "Path",
    "Problem",
    "SchemaRefused",
    "TooMuchWork",
    "Work",
    "all_of",
    "anything",
    "nothing",
]

Path: TypeAlias = "tuple[Path, str | int] | None"
Check: TypeAlias = "Callable[[Any, Path, Work], None]"
Compile: TypeAlias = "Callable[[Any], Check]"
Problem: TypeAlias = "tuple[Path, str, Any, str]"

_DEEPEST = 256


class SchemaRefused(Exception):
    """A schema that is not used; the message says why.

    Attributes:
        looked: how many parts of it were looked at.
    """

    def __init__(self, message: str, looked: int = 1) -> None:
        super().__init__(message)
        self.looked = looked


class TooMuchWork(Exception):
    """A check was given up: the schema makes more of a value than is done for any."""


class Work:
    """One value that is checked: what is wrong with it, and how much work that may still be."""

    def __init__(self, steps: int, most: int) -> None:
        self.left = steps
        self.depth = 0
        self.failed = 0
        self.unsure = False  # something could not be told: nothing follows from its contrary
        self.problems: list[Problem] = []
        self._most = most

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork

    def wrong(self, path: Path, expected: str, value: Any, got: str = "") -> None:
        self.failed += 1
        if len(self.problems) < self._most:
            self.problems.append((path, expected, value, got))

    def tried(self, check: Check, value: Any, path: Path) -> list[Problem] | None:
        """What a check would note; None if nothing."""
        failed, problems = self.failed, self.problems
        self.problems = []
        check(value, path, self)
        found, self.problems = self.problems, problems
        right = self.failed == failed
        self.failed = failed
        return None if right else found

    def unclear(self, check: Check, value: Any, path: Path) -> bool:
        """Whether a check holds only because something in it cannot be told."""
        before, self.unsure = self.unsure, False
        holds = self.tried(check, value, path) is None
        unsure, self.unsure = self.unsure, before or self.unsure
        return holds and unsure


def all_of(parts: list[Check]) -> Check:
    """One check of several, which counts as a step; they may be added while it is made."""

    def check(value: Any, path: Path, work: Work) -> None:
        work.left -= 1
        if work.left < 0 or work.depth > _DEEPEST:
            raise TooMuchWork
        work.depth += 1
        for part in parts:
            part(value, path, work)
        work.depth -= 1

    return check


def anything(value: Any, path: Path, work: Work) -> None:
    """The schema ``true``."""
    work.spend(1)


def nothing(value: Any, path: Path, work: Work) -> None:
    """The schema ``false``."""
    work.spend(1)
    work.wrong(path, "nothing", value)
