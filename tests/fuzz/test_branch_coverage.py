"""Every branch of what reads a guest's bytes is taken by these suites."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSIDE = "RINGFENCE_MEASURES_COVERAGE"

SETTINGS = """
[run]
branch = true
source_pkgs = ringfence_guest.protocol
data_file = {folder}/coverage

[report]
fail_under = 100
show_missing = true
skip_covered = true
exclude_also =
    if TYPE_CHECKING:
"""


@pytest.mark.skipif(INSIDE in os.environ, reason="this is the run that is measured")
def test_every_branch_of_the_protocol_is_taken(tmp_path: Path) -> None:
    settings = tmp_path / "coveragerc"
    settings.write_text(SETTINGS.format(folder=tmp_path))
    coverage = [sys.executable, "-m", "coverage"]
    suites = ["tests/unit/protocol", "tests/fuzz"]
    pytest_options = ["-q", "-p", "no:cacheprovider", "--hypothesis-profile=coverage"]
    ran = subprocess.run(
        [*coverage, "run", f"--rcfile={settings}", "-m", "pytest", *pytest_options, *suites],
        cwd=ROOT,
        env=os.environ | {INSIDE: "1", "RINGFENCE_FUZZ_FRAMES": "3000"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = subprocess.run(
        [*coverage, "report", f"--rcfile={settings}"], cwd=ROOT, capture_output=True, text=True
    )
    assert report.returncode == 0, report.stdout + report.stderr
    for module in ("decoder", "encoder", "framing", "hashing", "messages", "turn"):
        assert f"{module}.py" not in report.stdout  # covered files are skipped
    assert "TOTAL" in report.stdout
