"""A report in the Static Analysis Results Interchange Format (SARIF 2.1.0, OASIS standard)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from ringfence.plugins.analysis.as_json import as_data
from ringfence.plugins.analysis.registry import RULES
from ringfence.plugins.analysis.report import Finding, Report
from ringfence.plugins.analysis.rule import Rule

__all__ = ["to_sarif"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_POSITIONS = {rule: position for position, rule in enumerate(RULES)}


def to_sarif(report: Report) -> str:
    """The report as one SARIF log with one run, ASCII text that ends in a line end.

    The verdict and the capabilities are in the run's property bag, under ``ringfence``.
    """
    data = as_data(report)
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "ringfence analyze",
                        "rules": [_rule(rule) for rule in RULES.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding) for finding in report.findings],
                "properties": {
                    "ringfence": {
                        name: data[name] for name in ("verdict", "capabilities", "left_out")
                    }
                },
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.file)}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
        if finding.column:
            place["region"]["startColumn"] = finding.column
    return {
        "ruleId": finding.rule,
        "ruleIndex": _POSITIONS[finding.rule],
        "level": finding.severity,
        "message": {"text": f"{finding.message}\n{finding.remedy}"},
        "locations": [{"physicalLocation": place}],
    }
