"""The file format: round trips, migration, atomic saving, and files that are refused by name."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.vishwakarma.tests.samples import full, state
from vishwakarma_api.v1 import shapes
from vishwakarma_app.document import Definition, Document
from vishwakarma_app.errors import FileRefused
from vishwakarma_app.storage import VERSION, read_document, write_document
from vishwakarma_app.storage.rows import MOST_RESULTS
from vishwakarma_app.storage.schema import MIGRATIONS, TABLES

GOLDEN = Path(__file__).parent / "golden"


def database(path: Path, script: str) -> Path:
    with sqlite3.connect(path) as made:
        made.executescript(script)
    made.close()
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.vk"
    write_document(path, full())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as caught:
        read_document(path)
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    return message.removeprefix(f"{path.name}: ")


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    document = full()
    with document.transaction() as edit:
        edit.set_unit("ft")
        edit.set_layer("walls", color=0x12345678, visible=False)
        edit.set_block("stairs", "def stairs(): ...", publisher="acme")
        edit.set_block("own", "def own(): ...")
        edit.create(shapes.Line2D(0.1, 1e-300, -0.0, 1 / 3), layer="walls", parent=3, color=0)
    document.keep_results(bytes(range(256)) * 100_000)
    write_document(tmp_path / "a", document)
    again = read_document(tmp_path / "a")
    assert state(again) == state(document)
    assert again.results == document.results
    assert again.undoable == ()


def test_ids_are_not_used_again_in_the_next_session(tmp_path: Path) -> None:
    document = Document()
    with document.transaction() as edit:
        edit.create(shapes.Point2D(0, 0))
        edit.delete(edit.create(shapes.Point2D(0, 0)))
    document.undo()
    document.reserve_ids(10)
    write_document(tmp_path / "a", document)
    with (again := read_document(tmp_path / "a")).transaction() as edit:
        assert edit.create(shapes.Point2D(0, 0)) == 13
    assert len(again) == 1


def test_the_golden_file_of_version_1_is_migrated(tmp_path: Path) -> None:
    path = database(tmp_path / "old.vk", (GOLDEN / "model_v1.sql").read_text())
    before = path.read_bytes()
    document = read_document(path)
    assert path.read_bytes() == before, "reading changes nothing"
    assert document.unit == "m" and document.next_id == 10
    assert document.layers["walls"].color == 0xFF0000FF and document.layers["walls"].visible
    assert document.children(1) == (2, 3)
    assert document[2].shape == shapes.Line2D(0.0, 0.0, 0.1, 1e-9)
    assert document[3].shape == shapes.Text2D("Tür", 1.0, 2.0, 0.25, 90.0)
    assert document[7].shape == shapes.Polyline2D([(0, 0), (1, 0)])
    write_document(path, document)
    assert state(read_document(path)) == state(document)


def test_the_golden_file_of_version_2_is_migrated(tmp_path: Path) -> None:
    path = database(tmp_path / "old.vk", (GOLDEN / "model_v2.sql").read_text())
    document = read_document(path)
    source = "def post(height: float = 2.0):\n    line3(0, 0, 0, 0, 0, height)\n"
    assert dict(document.blocks) == {"post": Definition(source, "")}
    assert document[2].shape == shapes.BlockInstance(
        "post", {"height": 3.0}, (1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0)
    )
    assert document.children(2) == (4,) and not document.layers["hidden"].visible
    # What was kept by instance is evaluated again.
    assert document.geometry(2) is None and document.results == b""
    write_document(path, document)
    assert state(read_document(path)) == state(document)


def test_results_that_are_too_large_are_not_saved(tmp_path: Path) -> None:
    document = Document()
    document.keep_results(bytes(MOST_RESULTS + 1))
    write_document(tmp_path / "m.vk", document)
    assert read_document(tmp_path / "m.vk").results == b""


def test_every_version_has_its_way_to_the_next() -> None:
    assert sorted(TABLES) == [*range(1, VERSION + 1)]
    assert sorted(MIGRATIONS) == [*range(1, VERSION)]


def test_a_failed_save_leaves_the_old_file_and_nothing_beside_it(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_document(saved, Document())
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == ["model.vk"]


def test_saving_keeps_the_mode_and_follows_a_link(saved: Path) -> None:
    saved.chmod(0o640)
    link = saved.with_name("link.vk")
    link.symlink_to(saved)
    write_document(link, Document())
    assert link.is_symlink() and saved.stat().st_mode & 0o777 == 0o640
    assert len(read_document(saved)) == 0


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("PRAGMA application_id=7", "this is a database of another application"),
        ("PRAGMA user_version=4", "the file has version 4, and this application knows 3; open it with a newer one"),
        ("PRAGMA user_version=-1", "there is no version -1 of the format"),
        ("CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END", "its tables are not those of version 3: 't'"),
        ("CREATE VIEW v AS SELECT randomblob(1)", "its tables are not those of version 3: 'v'"),
        ("CREATE INDEX i ON elements (abs(id))", "its tables are not those of version 3: 'i'"),
        ("DROP TABLE results", "its tables are not those of version 3: 'results'"),
        ("DROP TABLE blocks; CREATE VIEW blocks AS SELECT 'a', 'b'", "its tables are not those of version 3: 'blocks'"),
        ("DELETE FROM meta", "meta: unit or next_id is missing or wrong"),
        ("UPDATE meta SET value = 'league' WHERE key = 'unit'", "no unit 'league'; there are mm, cm, m, km, in, ft, none"),
        ("UPDATE meta SET value = '1' WHERE key = 'next_id'", "element 1: its id was never given"),
        ("UPDATE meta SET value = '9' || hex(zeroblob(5000)) WHERE key = 'next_id'", "meta: next_id is too large"),
        ("UPDATE elements SET parent = 999 WHERE id = 5", "element 5: its parent 999 is not there"),
        ("UPDATE elements SET parent = 6 WHERE id = 5; UPDATE elements SET parent = 5 WHERE id = 6", "element 5: it is its own ancestor"),
        ("UPDATE elements SET layer = 'no' WHERE id = 5", "element 5: there is no layer 'no'"),
        ("UPDATE elements SET layer = x'00' WHERE id = 5", "element 5: must be text, got bytes b'\\x00'"),
        ("UPDATE elements SET color = -1 WHERE id = 5", "element 5: must be a colour 0xRRGGBBAA or None, got int -1"),
        ("UPDATE elements SET kind = 'blob' WHERE id = 5", "element 5: no kind of shape 'blob'"),
        ("UPDATE elements SET kind = '__class__' WHERE id = 5", "element 5: no kind of shape '__class__'"),
        ("UPDATE elements SET fields = '{' WHERE id = 5", "element 5: no JSON: Expecting property name enclosed in double quotes"),
        ("UPDATE elements SET fields = '[1]' WHERE id = 5", "element 5: fields are not those of a line"),
        ("UPDATE elements SET fields = '{\"self\":1}' WHERE id = 5", "element 5: fields are not those of a line"),
        ("UPDATE elements SET fields = replace(hex(zeroblob(50000)), '0', '[') WHERE id = 5", "element 5: maximum recursion depth exceeded"),
        ("UPDATE elements SET fields = '{\"x1\":NaN,\"y1\":0,\"x2\":0,\"y2\":0}' WHERE id = 5", "element 5: must be finite, got NaN"),
        ("UPDATE elements SET fields = '{\"x1\":1e999,\"y1\":0,\"x2\":0,\"y2\":0}' WHERE id = 5", "element 5: line: x1 must be finite, got inf"),
        ("UPDATE elements SET fields = '{\"start\":1,\"end\":5,\"section\":\"\"}' WHERE kind = 'member'", "element 14: 5 is no node"),
        ("UPDATE layers SET color = 'red'", "layer '0' must be a colour 0xRRGGBBAA or None, got str 'red'"),
        ("UPDATE layers SET visible = 2", "layer '0': visible must be 0 or 1"),
        ("INSERT INTO results VALUES (1, x'00')", "results: piece 0 is missing or wrong"),
        ("INSERT INTO results VALUES (0, 'text')", "results: piece 0 is missing or wrong"),
        ("INSERT INTO blocks VALUES ('a', '', x'00')", "must be text, got bytes b'\\x00'"),
        ("UPDATE elements SET fields = '{\"block\":\"b\",\"inputs\":[[\"a\",12]]}' WHERE id = 12", "element 12: it depends on itself, or on what does"),
        ("UPDATE elements SET fields = '{\"block\":\"b\",\"inputs\":[[\"a\",5]]}' WHERE id = 12", "element 12: 5 is no block"),
        ("UPDATE elements SET fields = '{\"block\":\"b\",\"limits\":[[\"wall\",1e9]]}' WHERE id = 12", "element 12: block: limits wall must be at most 60, got 1000000000.0"),
        ("INSERT INTO blocks VALUES ('', '', '')", "must be a printable name that is not empty, got str ''"),
    ],
)  # fmt: skip
def test_a_file_that_lies_is_refused_by_name(saved: Path, script: str, message: str) -> None:
    assert refusal(database(saved, script)).startswith(message)


def test_pragmas_of_a_hostile_file_cannot_make_it_too_long_a_value(saved: Path) -> None:
    database(saved, "UPDATE elements SET fields = zeroblob(70000000) WHERE id = 5")
    assert refusal(saved) == "the file is damaged: string or blob too big"


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    return data[:4096] + bytes(byte ^ 0xFF for byte in data[4096:8192]) + data[8192:]


@pytest.mark.parametrize("damage", [cut, flip, lambda data: data[:16] + b"\xff" * 100 + data[116:]])
def test_a_damaged_file_is_refused(saved: Path, damage: Callable[[bytes], bytes]) -> None:
    saved.write_bytes(damage(saved.read_bytes()))
    assert "the file is damaged: " in refusal(saved)


def test_every_cut_of_a_small_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.vk"
    write_document(path, Document())
    data = path.read_bytes()
    for size in range(0, len(data), 997):
        path.write_bytes(data[:size])
        assert refusal(path)


def test_random_bytes_in_a_file_are_refused_or_change_nothing_but_data(saved: Path) -> None:
    data = saved.read_bytes()
    for offset in range(0, len(data), 101):
        saved.write_bytes(data[:offset] + bytes([data[offset] ^ 0x55]) + data[offset + 1 :])
        try:
            read_document(saved)
        except FileRefused as error:
            assert str(error).startswith("model.vk: ")


def test_other_things_are_no_files_of_ours(tmp_path: Path) -> None:
    text = tmp_path / "text.vk"
    text.write_text("hello")
    assert refusal(text) == "this is no Vishwakarma file"
    os.mkfifo(tmp_path / "pipe.vk")
    assert refusal(tmp_path / "pipe.vk") == "this is no regular file"
    wal = tmp_path / "wal.vk"
    write_document(wal, Document())
    data = bytearray(wal.read_bytes())
    data[18:20] = b"\x02\x02"
    wal.write_bytes(data)
    assert refusal(wal) == "the file is damaged: unable to open database file"
    with pytest.raises(FileRefused, match="big.vk: the file has more than 1000 bytes"):
        (tmp_path / "big.vk").write_bytes(bytes(2000))
        read_document(tmp_path / "big.vk", largest=1000)
    with pytest.raises(FileNotFoundError):
        read_document(tmp_path / "none.vk")


def test_many_elements(tmp_path: Path) -> None:
    document = Document()
    with document.transaction() as edit:
        for x in range(20_000):
            edit.create(shapes.Line2D(x, 0, x + 1, 1))
    write_document(tmp_path / "big.vk", document)
    assert len(read_document(tmp_path / "big.vk")) == 20_000
