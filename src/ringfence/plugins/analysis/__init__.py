"""Static analysis of plugins: what a text shows of what it would do. It never runs it.

It informs whoever reviews, and gates what may be published. It is no wall: a text can always be
written that shows less than it does. What holds a plugin is the engine that runs it. See
``docs/analysis.md``.
"""

from __future__ import annotations

from ringfence.plugins.analysis.as_json import to_json
from ringfence.plugins.analysis.as_text import to_text
from ringfence.plugins.analysis.examination import MOST_FINDINGS, analyze, analyze_files
from ringfence.plugins.analysis.registry import RULES
from ringfence.plugins.analysis.report import Capabilities, Finding, Report, Verdict
from ringfence.plugins.analysis.rule import Grant, Rule, Severity
from ringfence.plugins.analysis.sarif import to_sarif

__all__ = [
    "MOST_FINDINGS",
    "RULES",
    "Capabilities",
    "Finding",
    "Grant",
    "Report",
    "Rule",
    "Severity",
    "Verdict",
    "analyze",
    "analyze_files",
    "to_json",
    "to_sarif",
    "to_text",
]
