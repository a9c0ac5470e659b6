"""``make demo``: what it shows has happened, and it says so when it cannot."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.model import FULL_WALLS
from ringfence.runtime.registry import describe_engines
from tests.support.levels import HERE, command

DEMO = HERE / "demo"
ATTACKS = sorted((DEMO / "scripts" / "hostile").glob("*.py"))


@pytest.fixture(scope="module")
def page() -> str:
    availability = describe_engines()["native"].availability
    if FULL_WALLS[0] not in availability.walls:
        pytest.skip(f"native cannot run here: {dict(availability.missing)}")
    done = subprocess.run(
        [sys.executable, "demo/main.py"],
        cwd=HERE,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "110"},
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_the_analysis_gives_its_values(page: str) -> None:
    assert "The file, demo/out/readings.csv: 2,970 readings like these:" in page
    assert "Checked values came back: 2,935 readings, and" in page
    assert re.search(r"under the roof +34 +5 +37\.5 °C +Wednesday 15:00", page)
    assert "with by_hour, a NumPy array of float64, 24x3." in page
    assert "and 3 calls of the host." in page


def test_the_plot_is_a_picture(page: str) -> None:
    data = (DEMO / "out" / "greenhouse.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    assert width > 1_000
    assert height > 400
    assert f"demo/out/greenhouse.png, {len(data):,} bytes." in page


def test_every_attack_is_shown_with_what_stood(page: str) -> None:
    assert len(ATTACKS) >= 12
    assert f"{len(ATTACKS)} hostile programs" in page
    assert len(re.findall(r"^held  ", page, re.MULTILINE)) == len(ATTACKS)
    assert "FELL" not in page
    for stood in ("seccomp: killed on the spot", "RLIMIT_DATA", "a process of its own"):
        assert stood in page
    assert "\x1b" not in page
    assert "The neighbour still has 'the work of the neighbour', and goes on." in page


def test_the_cost_stands_beside_a_bare_python(page: str) -> None:
    rows = dict(re.findall(r"^ (\w.+?) +[\d.]+ (?:ms|µs) +([\d.]+) *$", page, re.MULTILINE))
    assert rows["start a bare Python (python -I -S -c pass)"] == "1.000"
    assert len(rows) == 7


def test_it_says_what_is_missing() -> None:
    done = subprocess.run(
        command("nobody+no-userns", "demo.main"),
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("The demo cannot run here, because the walls cannot be built:\n")
    assert "User namespaces are closed to this user." in done.stdout


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_every_attack_says_what_it_is(attack: Path) -> None:
    lines = attack.read_text().splitlines()
    for line, name in zip(lines, ("tries", "stands", "expect"), strict=False):
        assert re.fullmatch(rf"# {name}: \S.*", line)
