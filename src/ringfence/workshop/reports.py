"""Reports of the analysis and of trials as JSON values: bounded, and strangers' text as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ringfence.workshop.ports import AnalysisReport, TrialReport

__all__ = ["analysis_as_json", "first_failure", "first_finding", "trial_as_json"]

_MOST_FINDINGS = 200
_MOST_NAMES = 200
_MOST_CASES = 200
_LONGEST = 500


def analysis_as_json(report: AnalysisReport) -> dict[str, Any]:
    """``{"verdict", "findings": [{"rule", "severity", "file", "line", "column", "message",
    "remedy"}], "more": findings left out, "capabilities": {"imports", "grants", "undeclared"}}``
    """
    findings = list(report.findings)
    capabilities = report.capabilities
    return {
        "verdict": str(report.verdict),
        "findings": [
            {
                "rule": _text(one.rule),
                "severity": _text(one.severity),
                "file": _text(one.file),
                "line": int(one.line),
                "column": int(one.column),
                "message": _text(one.message),
                "remedy": _text(one.remedy),
            }
            for one in findings[:_MOST_FINDINGS]
        ],
        "more": max(0, len(findings) - _MOST_FINDINGS) + int(report.left_out),
        "capabilities": {
            "imports": _names(capabilities.imports),
            "grants": _names(capabilities.grants),
            "undeclared": _names(capabilities.undeclared),
        },
    }


def trial_as_json(report: TrialReport) -> dict[str, Any]:
    """``{"ok", "reason", "cases": [{"hook", "title", "ok", "reason", "seconds"}], "more":
    cases left out}``
    """
    cases = list(report.cases)
    return {
        "ok": bool(report.ok),
        "reason": _text(report.reason),
        "cases": [
            {
                "hook": _text(one.hook),
                "title": _text(one.title),
                "ok": bool(one.ok),
                "reason": _text(one.reason),
                "seconds": round(float(one.seconds), 6),
            }
            for one in cases[:_MOST_CASES]
        ],
        "more": max(0, len(cases) - _MOST_CASES),
    }


def first_finding(analysis: dict[str, Any]) -> str:
    """The finding that people should see first; empty if there is none."""
    for one in sorted(analysis["findings"], key=_gravity):
        where = f"{one['file']}, line {one['line']}: " if one["file"] else ""
        return f"{where}{one['message']} ({one['rule']})"
    return ""


def first_failure(trial: dict[str, Any]) -> str:
    """What is wrong with the bundle, or the first case that failed; empty if nothing is."""
    if trial["reason"]:
        return str(trial["reason"])
    for one in trial["cases"]:
        if not one["ok"]:
            return f"{one['hook']}, {one['title']}: {one['reason']}"
    return ""


def _gravity(finding: dict[str, Any]) -> int:
    order = ("error", "warning", "note")
    return order.index(finding["severity"]) if finding["severity"] in order else len(order)


def _names(names: Iterable[str]) -> list[str]:
    return sorted(map(_text, names))[:_MOST_NAMES]


def _text(text: object) -> str:
    """A text that every database and JSON take: halves of surrogate pairs are written out."""
    told = str(text or "")
    told = told if len(told) <= _LONGEST else told[:_LONGEST] + "…"
    return told.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
