"""The demo and the command line."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from worldgen.atlas import Atlas
from worldgen.cli import main
from worldgen.demo import Step, walk


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


def test_the_command_line_lists_plugins_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["worldgen", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    assert run("plugins") == 0
    listed = capsys.readouterr().out
    assert "ridged-mountains" in listed and "    rain = 0.5: how much it rains" in listed
    (tmp_path / "file").write_text("")
    assert run("serve", "--folder", str(tmp_path / "file" / "worlds")) == 1
    assert capsys.readouterr().err.startswith("worldgen: ")
