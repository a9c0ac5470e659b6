"""Where mutations can be tried; and what was run at each level, said in the end."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from ringfence.jail import libc
from tests.support.levels import HERE


@pytest.fixture(scope="session")
def every_wall() -> None:
    """Skip where the kernel lacks what a wall is made of."""
    asked = subprocess.run([sys.executable, "-m", "tests.levels.machine"], cwd=HERE, check=False)
    if asked.returncode:
        pytest.skip("the kernel makes no namespaces for this user")
    if not libc.landlock_abi():
        pytest.skip("the kernel has no Landlock")


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
