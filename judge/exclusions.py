"""What does not apply to an engine, each with its reason: ``exclusions.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

__all__ = ["ENGINES", "Exclusion", "ExclusionsWrong", "load", "parse"]

ENGINES = ("native", "wasi")
_KEYS = {"engines", "reason", "tests", "run"}
_FILE = Path(__file__).with_name("exclusions.toml")


class ExclusionsWrong(Exception):
    """The list says something that cannot be meant."""


@dataclass(frozen=True)
class Exclusion:
    """One line of the list.

    Attributes:
        pattern: ``module`` or ``module::case``; globs.
        reason: why it does not apply.
        run: whether its cases are run all the same, to see that it still fails. A case that ends
            the guest or takes all the time is not; a whole module never is.
    """

    pattern: str
    reason: str
    run: bool = True

    @property
    def module(self) -> str:
        """The part before ``::``."""
        return self.pattern.partition("::")[0]

    @property
    def whole(self) -> bool:
        """Whether it is of whole modules."""
        return "::" not in self.pattern

    def covers(self, module: str, case: str | None = None) -> bool:
        """Whether it excludes ``case`` of ``module``, or the module if there is no case."""
        if not fnmatchcase(module, self.module):
            return False
        if self.whole or case is None:
            return self.whole
        return fnmatchcase(case, self.pattern.partition("::")[2])


def load(engine: str, path: Path = _FILE) -> tuple[Exclusion, ...]:
    """Those of one engine.

    Raises:
        ExclusionsWrong: see :func:`parse`.
    """
    return parse(tomllib.loads(path.read_text("utf-8")), engine)


def parse(data: Mapping[str, Any], engine: str) -> tuple[Exclusion, ...]:
    """The exclusions of one engine, of a parsed list.

    Raises:
        ExclusionsWrong: an entry without a reason, without tests, for no engine, with an unknown
            key, with globs that the guest would have to match, or a test that is listed twice.
    """
    found: dict[str, Exclusion] = {}
    for entry in data.get("exclude", ()):
        reason, tests = entry.get("reason"), entry.get("tests")
        engines: Sequence[str] = entry.get("engines") or ()
        if type(reason) is not str or not reason.strip():
            raise ExclusionsWrong(f"{tests}: an exclusion needs a reason")
        if not tests or not all(type(test) is str and test for test in tests):
            raise ExclusionsWrong(f"{reason!r}: an exclusion names tests")
        if not engines or not set(engines) <= set(ENGINES):
            raise ExclusionsWrong(f"{reason!r}: engines= is one or both of {ENGINES}")
        if unknown := set(entry) - _KEYS:
            raise ExclusionsWrong(f"{reason!r}: unknown keys {sorted(unknown)}")
        run = entry.get("run", True)
        if not run and not all("::" in test and not set(test) & set("*?[") for test in tests):
            raise ExclusionsWrong(f"{reason!r}: run = false takes the exact names of cases")
        if engine not in engines:
            continue
        for test in tests:
            if test in found:
                raise ExclusionsWrong(f"{test} is listed twice")
            found[test] = Exclusion(test, reason, run)
    return tuple(found.values())
