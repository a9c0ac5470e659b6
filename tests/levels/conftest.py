"""Says in the end what was run at each level."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The exact counts that the suites gave at each level."""
    lines = [
        f"{report.nodeid.rpartition('[')[2].rstrip(']'):28} {suite:12} {count}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if report.nodeid.startswith("tests/levels/") and report.when == "call"
        for suite, count in report.user_properties
    ]
    if lines:
        terminalreporter.section("levels")
        for line in sorted(lines):
            terminalreporter.line(line)
