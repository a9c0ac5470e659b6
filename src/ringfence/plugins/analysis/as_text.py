"""A report for people, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringfence.plugins.analysis.report import Capabilities, Finding, Report

__all__ = ["to_text"]

_VERDICTS = {
    "clean": "clean: nothing was found that a person has to look at",
    "review": "review: a person should look at the warnings",
    "refuse": "refuse: it should not be published as it is",
}


def to_text(report: Report) -> str:
    """The report as lines that end in a line end.

    File names are the guest's: where it is shown on a terminal, it is escaped there. A name has no
    line end here.
    """
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield f"{place(finding)}: {finding.severity} {finding.rule}: {finding.message}"
        yield f"    {finding.remedy}"
    if report.left_out:
        yield f"{report.left_out:,} more findings are left out"
    if report.findings:
        yield ""
    yield from _capabilities(report.capabilities)
    files = "1 module" if report.files == 1 else f"{report.files:,} modules"
    yield f"read      {files}, {report.lines:,} lines"
    yield f"verdict   {_VERDICTS[report.verdict]}"


def place(finding: Finding) -> str:
    """Where it is, as compilers write it."""
    parts = ["".join(one if one.isprintable() else "?" for one in finding.file)]
    if finding.line:
        parts.append(str(finding.line))
        if finding.column:
            parts.append(str(finding.column))
    return ":".join(parts)


def _capabilities(found: Capabilities) -> Iterator[str]:
    yield f"imports   {_listed(found.imports)}"
    yield f"needs     {_listed(found.grants)}"
    yield f"asks for  {_listed(found.asked)}"
    if found.undeclared:
        yield f"missing   {_listed(found.undeclared)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
