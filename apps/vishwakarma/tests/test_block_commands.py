"""``vishwakarma block …`` and ``vishwakarma demo``."""

import os
import re
from pathlib import Path

import pytest

from apps.vishwakarma.tests.test_cli import vishwakarma
from vishwakarma_app.blocks import insert
from vishwakarma_app.demo import Step, run_demo, running
from vishwakarma_app.document import Document
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.storage import read_document, write_document

CAP = """def cap(below: Geometry, size: float = 0.5):
    for record in below:
        cuboid(0, 0, record[7], size, size, size)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vishwakarma(tmp_path, "new", "m.vk", "--unit", "m")
    (tmp_path / "cap.py").write_text(CAP)
    return tmp_path


def test_a_session_with_blocks(folder: Path) -> None:
    words = ["block", "insert", "m.vk", "staircase", "-s", "steps=4", "-s", "rail=0"]
    words += ["--at", "1,2,3", "--turn", "90", "--layer", "stairs"]
    assert vishwakarma(folder, *words) == "staircase: element 1\n"
    words = ["block", "insert", "m.vk", "cap", "--source", "cap.py", "--input", "below=1"]
    assert vishwakarma(folder, *words) == "cap: element 2\n"
    listed = vishwakarma(folder, "block", "list", "m.vk")
    assert listed.startswith("cap                    1  by the document\n    --input below=ID\n")
    assert (
        "staircase              1  by vishwakarma\n    --set steps=16  2 to 30  Steps\n" in listed
    )
    said = vishwakarma(folder, "block", "set", "m.vk", "1", "--set", "steps=6")
    assert re.fullmatch(r"staircase: 2 evaluated and saved in \d+ ms\n", said)
    document = read_document(folder / "m.vk")
    assert document.results and dict(document[1].shape.parameters)["steps"] == 6  # type: ignore[attr-defined]
    assert document[1].layer == "stairs"
    assert "\nfrom      -0.2 0 0.05\n" in vishwakarma(folder, "info", "m.vk")
    said = vishwakarma(folder, "block", "evaluate", "m.vk")
    assert re.fullmatch(r"2 blocks in [\d.]+ s: 0 evaluated, 2 results kept\n", said)
    assert vishwakarma(folder, "block", "failed", "m.vk") == ""
    vishwakarma(folder, "export", "m.vk", "m.stl", "--engine", "native")
    # Six treads, and a cap for each of them and for both strings.
    assert (folder / "m.stl").stat().st_size == 84 + 50 * 12 * (6 + 6 + 2)


def test_the_library_is_listed(folder: Path) -> None:
    listed = vishwakarma(folder, "block", "list")
    assert listed.count("\n    --set ") > 40
    assert "spur_gear         Spur gear\n    --set teeth=24  8 to 80  Teeth\n" in listed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["insert", "m.vk", "nothing"], "there is no block 'nothing'; there are bolt_circle, "),
        (["insert", "m.vk", "door", "-s", "width"], "--set: name=value was expected, got 'width'"),
        (["insert", "m.vk", "door", "-s", "width=wide"], "--set width: a number was expected, got 'wide'"),
        (["insert", "m.vk", "door", "-s", "left=2"], "--set left: yes or no was expected, got '2'"),
        (["insert", "m.vk", "door", "-s", "color=1"], "door: there is no parameter 'color'; it has width, "),
        (["insert", "m.vk", "door", "--at", "1"], "--at: x,y or x,y,z was expected, got '1'"),
        (["insert", "m.vk", "door", "--scale", "0"], "--turn is an angle, and --scale is more than 0"),
        (["insert", "m.vk", "door", "--parent", "7"], "element 1: its parent 7 is not there"),
        (["insert", "m.vk", "door", "--limit", "steps=1"], "door, line "),
        (["insert", "m.vk", "staircase", "-s", "steps=2.5"], "staircase, line 7: steps must be int, got float '2.5'"),
        (["insert", "m.vk", "staircase", "-s", "steps=100000"], "staircase, line 19: it drew more than 10000 primitives (element 1); the model is as it was"),
        (["insert", "m.vk", "cap", "--source", "m.vk"], "m.vk: this is no text in UTF-8"),
        (["insert", "m.vk", "cap", "--source", "cap.py"], "cap, line 1: below takes another block as an input"),
        (["insert", "m.vk", "cap", "--source", "cap.py", "--input", "below=1.5"], "--input: an id was expected, got '1.5'"),
        (["set", "m.vk", "3", "-s", "a=1"], "there is no element 3"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line_and_changes_nothing(
    folder: Path, words: list[str], message: str
) -> None:
    before = (folder / "m.vk").read_bytes()
    said = vishwakarma(folder, "block", *words, status=1)
    assert said.startswith(f"vishwakarma: {message}") and said.count("\n") == 1
    assert (folder / "m.vk").read_bytes() == before


def test_failed_blocks_are_listed_and_do_not_stop_a_picture(folder: Path) -> None:
    document = Document()
    with document.transaction() as edit:
        edit.set_block("b", "def b():\n    raise ValueError('\\x1b[2J')")
    insert(document, "b")
    insert(document, "door")
    write_document(folder / "bad.vk", document)
    said = vishwakarma(folder, "block", "failed", "bad.vk", status=1)
    assert said == "b, line 2: ValueError: \ufffd[2J (element 1)\n"
    said = vishwakarma(folder, "render", "bad.vk", "-o", "bad.svg")
    assert said == "bad.vk: b, line 2: ValueError: \ufffd[2J (element 1)\n"
    assert "<path" in (folder / "bad.svg").read_text()


def test_without_ezdxf_the_demo_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "has_dxf", lambda: False)
    told: dict[str, str] = {}
    run_demo(
        tmp_path,
        blocks=110,
        pixels=100,
        tell=lambda title, step: told.update({title: step.done}) if step else None,
    )
    assert told["Import DXF"] == told["Export DXF"]
    assert told["Import DXF"] == "left out: it needs ezdxf; pip install 'vishwakarma[dxf]'"
    assert sorted(os.listdir(tmp_path)) == ["site.png", "site.stl", "site.svg", "site.vk"]


def test_the_demo(tmp_path: Path) -> None:
    pytest.importorskip("ezdxf")
    told: list[Step] = []
    run_demo(
        tmp_path / "demo",
        blocks=250,
        pixels=300,
        tell=lambda _, step: told.append(step) if step is not None else None,
    )
    done = {one.title: one.done for one in told}
    assert done["Build a site"].startswith("250 blocks of ")
    assert done["Evaluate"].startswith("250 evaluated, ")
    assert done["Open again"] == "250 blocks as they were: 250 results kept, 0 missing"
    assert done["Change"].endswith("2 of 250 evaluated (slab, plaque)")
    assert done["Undo"] == "'change slab' taken back: 2 blocks, from results that were kept"
    assert done["Bad block"].startswith("endless, line 3: it took more than 1000000 steps")
    assert sorted(os.listdir(tmp_path / "demo")) == [
        "site.dxf", "site.png", "site.stl", "site.svg", "site.vk", "survey.dxf",
    ]  # fmt: skip
    assert len(read_document(tmp_path / "demo/site.vk").query(kind="block")) == 250
    said = (tmp_path / "demo/survey.dxf").read_text()
    assert "LWPOLYLINE" in said
    assert "SPLINE" in said
    with pytest.raises(VishwakarmaError, match="from 100 to 100000 blocks, not 5"):
        run_demo(tmp_path, blocks=5, tell=lambda *_: None)
