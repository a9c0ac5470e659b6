"""What an analysis says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringfence.plugins.analysis.rule import Severity

__all__ = ["Capabilities", "Finding", "Report", "Verdict"]

Verdict = Literal["clean", "review", "refuse"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. File names and what is quoted in a message are the guest's text.

    Attributes:
        rule: id of the rule.
        severity: ``error``, ``warning`` or ``note``, with the manifest's grants considered.
        file: relative path in the bundle.
        line: from 1; 0 where it is about the whole file or plugin.
        column: in characters, from 1; 0 where there is none.
        message: what was found, one line, bounded.
        remedy: the way out.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the code needs, as far as its text shows, beside what its manifest asks for.

    Attributes:
        own: own modules that are imported.
        standard: modules of the standard library, the outermost name.
        packages: what else is imported, the outermost name.
        grants: what is needed.
        asked: what the manifest asks for, of the grants that the analysis knows.
        undeclared: needed and not asked for, packages as ``package:name``. Clock and randomness are
            needed by most code and harm nobody in a guest: they are not counted.
        unused: asked for and, as far as the text shows, not needed.
    """

    own: frozenset[str] = frozenset()
    standard: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    undeclared: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()

    @property
    def imports(self) -> frozenset[str]:
        """All that is imported."""
        return self.own | self.standard | self.packages


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it: the same files give the same report, in the same order.

    Attributes:
        findings: by file, line, column and rule.
        capabilities: what the code needs.
        files: modules that were read.
        lines: of these.
        left_out: findings beyond the most that a report holds.
    """

    findings: tuple[Finding, ...]
    capabilities: Capabilities
    files: int
    lines: int
    left_out: int = 0

    @property
    def verdict(self) -> Verdict:
        """``refuse`` with an error, ``review`` with a warning, else ``clean``."""
        severities = {finding.severity for finding in self.findings}
        if "error" in severities:
            return "refuse"
        return "review" if "warning" in severities else "clean"
