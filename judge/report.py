"""Outcomes as a table, as JSON to go on from, and as Markdown into docs/cpython-tests.md."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from judge.trial import Outcome

__all__ = ["TARGET", "Report", "ReportError"]

TARGET = 0.98
"""The share of the cases that apply which must pass."""

_FAILURES_SHOWN = 40
_EACH = "each case for a reason of its own"
_EMPTY = "there are no cases on this platform"


class ReportError(Exception):
    """The table cannot be written where it should go."""


@dataclass
class Report:
    """What one engine did.

    Attributes:
        engine: its name.
        version: the CPython whose tests these are.
        there: how many modules the suite has.
        outcomes: by module.
    """

    engine: str
    version: str
    there: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    # --- keeping it ------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write JSON; folders are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Report:
        """What :meth:`save` wrote."""
        data = json.loads(path.read_text("utf-8"))
        data["outcomes"] = {name: Outcome(**one) for name, one in data["outcomes"].items()}
        return cls(**data)

    # --- judging ---------------------------------------------------------------------------

    @property
    def passed(self) -> int:
        """Cases that passed."""
        return sum(len(one.passed) for one in self.outcomes.values())

    @property
    def failed(self) -> int:
        """Cases that failed and are not excluded."""
        return sum(len(one.failed) for one in self.outcomes.values())

    @property
    def met(self) -> bool:
        """Whether at least :data:`TARGET` of what applies has passed."""
        return self.passed > 0 and self.passed >= TARGET * (self.passed + self.failed)

    def verdict(self) -> str:
        """In a sentence."""
        applies = self.passed + self.failed
        share = 100 * self.passed / applies if applies else 0.0
        left = self.there - len(self.outcomes)
        word = ("met" if self.met else "missed") + (" so far" if left else "")
        text = (
            f"{self.passed:,} of {applies:,} cases that apply have passed: {share:.2f} % "
            f"(target: at least {TARGET:.0%}: {word}), "
            f"in {len(self.outcomes)} of {self.there} modules"
        )
        return f"{text}; {left} modules were not run and are not judged" if left else text

    def stale(self) -> list[str]:
        """Exclusions that exclude nothing."""
        return [pattern for one in self.outcomes.values() for pattern in one.stale]

    # --- showing ---------------------------------------------------------------------------

    def lines(self) -> Iterable[str]:
        """What is said at the end of a run."""
        for one in self.outcomes.values():
            for name, reason in one.failed.items():
                yield f"FAILED {one.module}::{name}: {reason.splitlines()[0] if reason else ''}"
        for pattern in self.stale():
            yield f"STALE  {pattern}: it passes, or does not exist; remove it from the exclusions"
        yield self.verdict()

    def write_docs(self, path: Path) -> None:
        """Put the table between this engine's markers.

        Raises:
            ReportError: they are not there.
        """
        begin, end = f"<!-- {self.engine}:begin -->", f"<!-- {self.engine}:end -->"
        page = path.read_text("utf-8")
        if page.count(begin) != 1 or page.count(end) != 1 or page.find(begin) > page.find(end):
            raise ReportError(f"{path.name} must have {begin} and {end}, once and in this order")
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        path.write_text(f"{before}{begin}\n{self.markdown()}{end}{after}", "utf-8")

    def markdown(self) -> str:
        """The verdict, the table, and what failed."""
        rows = [
            f"| `{one.module}` | {len(one.passed)} | {len(one.failed)} | {len(one.skipped)} "
            f"| {'all' if '*' in one.excluded else len(one.excluded)} |"
            for one in self.outcomes.values()
        ]
        total = (
            f"| **in all** | **{self.passed:,}** | **{self.failed:,}** | "
            f"{sum(len(one.skipped) for one in self.outcomes.values()):,} | "
            f"{sum(len(one.excluded) for one in self.outcomes.values()):,} |"
        )
        failures = [
            f"- `{one.module}`: "
            + ", ".join(f"`{name}`" for name in list(one.failed)[:_FAILURES_SHOWN])
            + (
                f" and {len(one.failed) - _FAILURES_SHOWN} more"
                if len(one.failed) > _FAILURES_SHOWN
                else ""
            )
            for one in self.outcomes.values()
            if one.failed
        ]
        silent = self._silent()
        excluded = sum("*" in one.excluded for one in self.outcomes.values())
        no_evidence = (
            f"{excluded} of the modules are excluded, and {sum(map(len, silent.values()))} skip "
            "themselves or all of their cases: they are no evidence either way."
        )
        parts = [
            f"CPython {self.version}. **{self.verdict()}.**",
            no_evidence,
            "\n".join(
                (
                    "| module | passed | failed | skipped | excluded |",
                    "|---|---:|---:|---:|---:|",
                    *rows,
                    total,
                )
            ),
        ]
        if failures:
            parts += ["What failed:", "\n".join(failures)]
        if silent:
            lines = (
                f"- {reason}: {', '.join(f'`{name}`' for name in names)}"
                for reason, names in sorted(silent.items())
            )
            parts += ["What was skipped as a whole, and why:", "\n".join(lines)]
        return "\n\n".join(parts) + "\n"

    def _silent(self) -> dict[str, list[str]]:
        """The modules of which nothing ran, by the reason; each case may have one of its own."""
        found: dict[str, list[str]] = {}
        for one in self.outcomes.values():
            if one.passed or one.failed or one.excluded:
                continue
            reasons = {_said(reason) for reason in one.skipped.values()}
            reason = reasons.pop() if len(reasons) == 1 else _EACH if reasons else _EMPTY
            found.setdefault(reason, []).append(one.module)
        return found


def _said(reason: str) -> str:
    """A reason in a line, without what Ringfence adds to say what to do instead."""
    head, quote, _ = reason.partition("': ")
    return (head + quote[:1]).splitlines()[0]
