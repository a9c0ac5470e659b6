"""Nothing is half published or half installed, wherever the process is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("operation", "fewest"), [("publish", 40), ("rotate", 40), ("create", 50), ("install", 20)]
)
def test_it_happened_or_not_wherever_the_process_was_killed(
    template: Path, operation: str, fewest: int
) -> None:
    command = [sys.executable, "-m", "tests.workshop.killed", str(template), operation]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["deaths"] > fewest
    assert 0 < found["happened"] < found["deaths"]
