"""The command line, and the pictures that it makes."""

import contextlib
import io
import os
import re
import struct
import sys
import zlib
from pathlib import Path

import pytest

from apps.vishwakarma.tests.samples import full
from vishwakarma_api.v1 import shapes
from vishwakarma_app.cli import main
from vishwakarma_app.document import Document
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.rendering import png_of_svg, render_svg
from vishwakarma_app.storage import read_document, write_document

OBJ = "v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.obj").write_text(OBJ)
    write_document(tmp_path / "m.vk", Document("m"))
    write_document(tmp_path / "full.vk", full())
    return tmp_path


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")


def vishwakarma(folder: Path, *words: str, status: int = 0) -> str:
    out = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setenv("XDG_DATA_HOME", str(folder / "share"))  # nothing is installed there
        patch.setattr(sys, "argv", ["vishwakarma", *words])
        main()
    assert (ended.value.code or 0) == status, out.getvalue()
    return out.getvalue()


def test_a_model_from_beginning_to_end(folder: Path) -> None:
    assert vishwakarma(folder, "new", "new.vk", "--unit", "m") == ""
    assert (
        vishwakarma(folder, "import", "new.vk", "in.obj", "--set", "scale=2", "--engine", "native")
        == "obj-import: 1 elements, on native\n"
    )
    done = vishwakarma(
        folder,
        "run",
        "new.vk",
        "array-copy",
        "--select",
        "all",
        "--set",
        "dx=3",
        "--wire",
        "packed",
        "--engine",
        "native",
    )
    assert done == "array-copy: 2 created, 0 updated, 0 deleted, on native\n"
    assert vishwakarma(folder, "info", "new.vk") == (
        "unit      m\nelements  3\n  mesh        3\nlayers    1\n  0           3  #000000ff\nfrom      0 0 0\nto        8 2 0\n"
    )
    assert (
        vishwakarma(folder, "export", "new.vk", "out.stl", "--engine", "native")
        == "stl-export: 234 bytes, on native\n"
    )
    assert vishwakarma(folder, "render", "new.vk", "-o", "out.svg") == ""
    assert sorted(os.listdir(folder)) == [
        "full.vk",
        "in.obj",
        "m.vk",
        "new.vk",
        "out.stl",
        "out.svg",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["new", "m.vk"], "m.vk: there is a file already"),
        (["new", "x.vk", "--unit", "ell"], "no unit 'ell'; there are mm, cm, m, km, in, ft, none"),
        (["info", "none.vk"], "none.vk: No such file or directory"),
        (["info", "in.obj"], "in.obj: this is no Vishwakarma file"),
        (["import", "m.vk", "a.xyz"], "there is no importer for .xyz; there are "),
        (["import", "m.vk", "none.obj"], "none.obj: No such file or directory"),
        (["import", "m.vk", "in.obj", "--set", "scale"], "--set: name=value was expected, got 'scale'"),
        (["import", "m.vk", "in.obj", "--set", "scale=big"], "obj-import: scale: could not convert string to float: 'big'"),
        (["import", "m.vk", "in.obj", "--set", "z=1"], "obj-import has no parameter 'z'; it has scale, z_up"),
        (["import", "m.vk", "in.obj", "--engine", "micro"], "obj-import runs on native or wasi; asked for was micro"),
        (["run", "m.vk", "obj-import"], "there is no command 'obj-import'; there are array-copy, measure"),
        (["run", "m.vk", "measure", "--select", "a"], "--select: ids were expected, got 'a'"),
        (["run", "m.vk", "measure", "--select", "9"], "there is no element 9"),
        (["run", "m.vk", "measure", "--engine", "native"], "measure, line 52: ValueError: nothing here has a length"),
        (["serve", "in.obj"], "in.obj: this is no Vishwakarma file"),
        (["serve", "none.vk"], "none.vk: No such file or directory"),
        (["serve", "--extension", "none"], "none: there is no such folder"),
        (["render", "m.vk", "-o", "x.gif"], "x.gif: pictures are .svg or .png"),
        (["render", "m.vk", "-o", "x.png", "--side", "99999"], "a picture has from 16 to 8192 pixels, not 99999"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line_and_changes_nothing(
    folder: Path, words: list[str], message: str
) -> None:
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    said = vishwakarma(folder, *words, status=1)
    assert said.startswith(f"vishwakarma: {message}") and said.count("\n") == 1
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_what_an_extension_says_does_not_reach_the_terminal_raw(folder: Path) -> None:
    mine = folder / "mine"
    mine.mkdir()
    (mine / "plugin.toml").write_text(
        '[plugin]\nname = "mine"\nversion = "1.0.0"\nauthor = "ada"\ntitle = "Mine"\n'
        'kind = "command"\nentry = "main"\n[spec]\nname = "vishwakarma"\nversion = "1.0"\n'
        '[host]\nfunction = "main"\n'
    )
    (mine / "main.py").write_text(
        "def main():\n    print('\\x1b[2Jhello')\n    raise ValueError('\\x1b]0;x\\x07')\n"
    )
    said = vishwakarma(folder, "run", "m.vk", "--extension", "mine", "--engine", "native", status=1)
    assert said == "vishwakarma: mine, line 3: ValueError: \ufffd]0;x\ufffd\n"
    (mine / "main.py").write_text("def main():\n    print('\\x1b[2Jhello')\n")
    said = vishwakarma(folder, "run", "m.vk", "--extension", "mine", "--engine", "native")
    assert said.startswith("\ufffd[2Jhello\nmine: 0 created")


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of RGBA of a PNG of 8 bits; filters undone."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    chunks = b"".join(
        png[
            one.start() + 4 : one.start()
            + 4
            + struct.unpack(">I", png[one.start() - 4 : one.start()])[0]
        ]
        for one in re.finditer(b"IDAT", png)
    )
    raw, rows, size = zlib.decompress(chunks), [], width * 4
    last = bytes(size)
    for row in range(height):
        start = row * (size + 1)
        line = bytearray(raw[start + 1 : start + 1 + size])
        for i in range(size):
            a = line[i - 4] if i >= 4 else 0
            b, c = last[i], last[i - 4] if i >= 4 else 0
            pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
            paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[raw[start]]) & 0xFF
        last = bytes(line)
        rows.append(last)
    return width, height, rows


def test_a_picture_has_the_colours_where_they_belong() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Polygon2D([(0, 0), (100, 0), (100, 50), (0, 50)]), color=0xFF0000FF)
        edit.create(shapes.Polygon2D([(50, 0), (100, 0), (100, 50), (50, 50)]), color=0x0000FFFF)
    width, height, rows = pixels(png_of_svg(render_svg(document), 216))
    assert (width, height) == (216, 116)

    def at(x: int, y: int) -> str:
        return rows[y][4 * x : 4 * x + 4].hex()

    assert [at(2, 2), at(50, 50), at(150, 50)] == ["ffffffff", "ff0000ff", "0000ffff"]


def test_near_things_hide_far_things() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Cuboid3D(0, 0, 0, 10, 10, 1), color=0x00FF00FF)
        edit.create(shapes.Cuboid3D(4, 4, 1, 2, 2, 2), color=0xFF0000FF)
    for order in (list(document), list(document)[::-1]):
        again = Document()
        with again.transaction() as edit:
            for one in order:
                edit.create(one.shape, color=one.color)
        svg = render_svg(again)
        colours = re.findall(r'fill="#(..)(..)', svg)[1:]
        assert [("red" if red > green else "green") for red, green in colours] == ["green"] * 3 + [
            "red"
        ] * 3


def test_a_picture_of_everything_and_of_nothing() -> None:
    for document in (full(), Document()):
        for view in ("plan", "isometric"):
            png = png_of_svg(render_svg(document, view), 64)
            assert png.startswith(b"\x89PNG")
    with pytest.raises(VishwakarmaError, match="from 16 to 8192 pixels, not 8"):
        png_of_svg(render_svg(Document()), 8)


def test_a_hatch_without_end_is_an_area() -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Hatch2D([(0, 0), (1e9, 0), (0, 1e9)], 1e-9))
    svg = render_svg(document)
    assert svg.count("<path") == 1 and 'fill-opacity="0.3333"' in svg


def test_models_written_by_the_command_line_are_models(folder: Path) -> None:
    vishwakarma(folder, "import", "m.vk", "in.obj", "--engine", "native")
    assert [one.kind for one in read_document(folder / "m.vk")] == ["mesh"]
