"""Nothing is half published or half installed, wherever the process is killed or the disk is full."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def strike(template: Path, operation: str, how: str) -> dict[str, int]:
    command = [sys.executable, "-m", "tests.workshop.killed", str(template), operation, how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("operation", "fewest"), [("publish", 40), ("rotate", 40), ("create", 50), ("install", 20)]
)
def test_it_happened_or_not_wherever_the_process_was_killed(
    template: Path, operation: str, fewest: int
) -> None:
    found = strike(template, operation, "killed")
    assert found["struck"] > fewest
    assert 0 < found["happened"] < found["struck"]


@pytest.mark.parametrize(("operation", "fewest"), [("publish", 40), ("install", 20)])
def test_it_happened_or_not_wherever_the_disk_was_full(
    template: Path, operation: str, fewest: int
) -> None:
    found = strike(template, operation, "full")
    assert found["struck"] > fewest
    assert 0 < found["happened"] < found["struck"]
