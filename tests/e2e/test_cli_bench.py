"""``ringfence bench`` as a user runs it. What it measures is judged by people."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

import ringfence
from tests.e2e.test_cli import run, seen

ROWS = {
    "to the first result": [
        "fresh sandbox", "fresh sandbox, NumPy imported", "bare python -I -S -c pass",
        "subprocess + python -I -S", "bubblewrap + python -I -S",
    ],
    "round trips with a live sandbox": [
        "call of a guest function", "run of a short cell", "host call, from the guest and back",
    ],
    "one after the other": ["fresh sandboxes", "bare python -I -S -c pass"],
}  # fmt: skip
MAY_BE_MISSING = {"fresh sandbox, NumPy imported", "bubblewrap + python -I -S"}
NEEDS_A_PLOT = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed here"
)


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    done = run("bench", "--seconds", "1", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_row_is_there(measured: dict[str, Any]) -> None:
    found: dict[str, list[str]] = {}
    for row in measured["rows"]:
        found.setdefault(row["group"], []).append(row["name"])
    assert {group: sorted(names) for group, names in found.items()} == {
        group: sorted(names) for group, names in ROWS.items()
    }


def test_every_row_has_its_figures(measured: dict[str, Any]) -> None:
    for row in measured["rows"]:
        if row["median"] is None:
            assert row["name"] in MAY_BE_MISSING
            assert row["note"]
            continue
        assert row["median"] > 0
        assert row["count"] > 0
        assert row["ours"] == (not row["name"].startswith(("bare", "subprocess", "bubblewrap")))
        if row["unit"] == "s":
            assert row["median"] <= row["p99"]
        if row["name"].startswith("bare"):
            assert row["ratio"] == 1
    assert measured["facts"]["engine"].startswith("native: ")


@NEEDS_A_PLOT
def test_the_table_and_the_plot(tmp_path: Path) -> None:
    target = tmp_path / "bench.png"
    done = run("bench", "--seconds", "1", "--plot", str(target))
    assert done.returncode == 0
    assert done.stderr == f"ringfence: bench: {target} has the plot\n"
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["median", "p99", "n", "\N{MULTIPLICATION SIGN}", "bare"]
    for names in ROWS.values():
        for name in names:
            assert any(line.startswith(f"  {name} ") for line in lines), name
    width, height = png_size(target.read_bytes())
    assert (width > 1_200, height > 700) == (True, True)


def png_size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seconds", "0"], "--seconds 0: must be from 1 to 3600"),
        (["--seconds", "nan"], "--seconds nan: must be from 1 to 3600"),
        pytest.param(
            ["--plot", "a.jpg"], "--plot 'a.jpg': it is a PNG; end the name in .png",
            marks=NEEDS_A_PLOT,
        ),
        pytest.param(
            ["--plot", "/nowhere/a.png"], "--plot '/nowhere/a.png': a file cannot be written there",
            marks=NEEDS_A_PLOT,
        ),
    ],
)  # fmt: skip
def test_wrong_options_are_refused_before_anything_is_measured(
    arguments: list[str], message: str
) -> None:
    assert seen(run("bench", *arguments)) == (2, "", f"ringfence: {message}\n")


def test_a_plot_needs_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    from ringfence.cli.bench.plot import check_plot

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ringfence.ConfigurationError, match="pip install matplotlib"):
        check_plot("a.png")
