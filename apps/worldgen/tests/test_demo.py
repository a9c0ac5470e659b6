"""The demo and the command line."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from worldgen.atlas import Atlas
from worldgen.demo import Step, walk


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from worldgen.cli import main; main()", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )


def test_the_demo_makes_a_world_whose_tiles_fit_and_contains_what_is_hostile(
    atlas: Atlas, out: Path
) -> None:
    steps: list[Step] = []
    walk(atlas, out / "worldgen-demo.png", tiles=2, tell=steps.append)
    told = {step.title: step.done for step in steps}
    assert list(told) == [
        "World", "Map", "Again", "Seams", "Land", "Thief", "Trap", "Contained", "The others",
    ]  # fmt: skip
    assert told["World"] == "seed 7; ridged-mountains 1.0.0, rivers 1.0.0, biomes 1.0.0"
    assert "across the 1 corners" in told["Seams"] and "equal bit for bit" in told["Seams"]
    assert told["Thief"].startswith("refused before anything ran: the analysis refuses it")
    assert told["Trap"] == "analysis: clean; published after a trial"
    assert "limit cpu" in told["Contained"] and told["Contained"].endswith(
        "the tile is as without it"
    )
    with Image.open(out / "worldgen-demo.png") as picture:
        assert picture.size == (512, 512)


def test_the_command_line_lists_plugins_and_says_what_is_wrong(tmp_path: Path) -> None:
    listed = run("plugins")
    assert listed.returncode == 0 and "ridged-mountains" in listed.stdout
    (tmp_path / "file").write_text("")
    wrong = run("serve", "--folder", str(tmp_path / "file" / "worlds"))
    assert (
        wrong.returncode == 1
        and wrong.stderr.startswith("worldgen: ")
        and "Traceback" not in wrong.stderr
    )
