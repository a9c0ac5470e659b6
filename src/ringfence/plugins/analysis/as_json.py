"""A report as JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from ringfence.plugins.analysis.report import Report

__all__ = ["as_data", "to_json"]


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data, under the names of its attributes; sets are sorted."""
    capabilities = dataclasses.asdict(report.capabilities)
    return {
        "verdict": report.verdict,
        "findings": [dataclasses.asdict(finding) for finding in report.findings],
        "left_out": report.left_out,
        "capabilities": {name: sorted(names) for name, names in capabilities.items()},
        "files": report.files,
        "lines": report.lines,
    }


def to_json(report: Report) -> str:
    """The report as ASCII text that ends in a line end."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=True) + "\n"
