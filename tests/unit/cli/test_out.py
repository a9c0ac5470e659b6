"""Files that a program left, on people's disks: beneath the folder, through no link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ringfence
from ringfence.cli.out import Kept, OutFolder, why_not_portable
from ringfence.errors import ConfigurationError
from ringfence.model import Limits
from tests.support import frames as say
from tests.support.guests import SocketEngine
from tests.support.peers import Peer, ScriptedEngine

LIMITS = Limits()


def found(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def test_what_is_new_or_changed_is_written(tmp_path: Path) -> None:
    given = {"same": b"1", "changed": b"2"}
    with SocketEngine().sandbox(files=given) as box:
        box.run(
            "open('changed', 'w').write('new'); import os; os.makedirs('a/b')"
        ).raise_for_status()
        box.run("open('a/b/c', 'w').write('deep')").raise_for_status()
        kept = OutFolder(str(tmp_path / "x" / "out"), LIMITS).keep(box, given)
    assert kept == Kept({"a/b/c": 4, "changed": 3})
    assert found(tmp_path) == {"x/out/a/b/c": b"deep", "x/out/changed": b"new"}
    assert list(kept.lines()) == []


def test_what_was_planted_is_replaced_and_never_written_through(tmp_path: Path) -> None:
    victim, elsewhere, out = tmp_path / "victim", tmp_path / "elsewhere", tmp_path / "out"
    victim.write_text("mine")
    for folder in (elsewhere, out, out / "folder"):
        folder.mkdir()
    (out / "link").symlink_to(victim)
    (out / "hard").hardlink_to(victim)
    (out / "way").symlink_to(elsewhere)
    os.mkfifo(out / "pipe")
    files = dict.fromkeys(("link", "hard", "pipe", "way/x", "folder"), b"theirs")
    with SocketEngine().sandbox(files=files) as box:
        kept = OutFolder(str(out), LIMITS).keep(box, {})
    assert kept == Kept(
        {"hard": 6, "link": 6, "pipe": 6},
        {
            "folder": "cannot be written: Is a directory",
            "way/x": "cannot be written: Not a directory",
        },
    )
    assert victim.read_text() == "mine"
    assert list(elsewhere.iterdir()) == []
    assert found(out) == {"link": b"theirs", "hard": b"theirs", "pipe": b"theirs"}
    assert sorted(os.listdir(out)) == ["folder", "hard", "link", "pipe", "way"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("con", "names a device on Windows"),
        ("a/NUL.txt", "names a device on Windows"),
        ("Com1/x", "names a device on Windows"),
        ("lpt¹", "names a device on Windows"),
        ("aux .c", "names a device on Windows"),
        ("a:b", "is no name on Windows"),
        ("what?", "is no name on Windows"),
        ("dot./x", "is no name on Windows"),
        ("space ", "is no name on Windows"),
        ("console", None),
        ("com10", None),
        (".hidden", None),
        ("ä/b.c", None),
    ],
)
def test_names_of_other_systems(name: str, reason: str | None) -> None:
    assert why_not_portable(name) == reason


def test_names_that_differ_by_case_only(tmp_path: Path) -> None:
    with SocketEngine().sandbox(files={"A": b"1", "a": b"2"}) as box:
        kept = OutFolder(str(tmp_path), LIMITS).keep(box, {})
    assert kept == Kept({"A": 1}, {"a": "differs from another file by case only"})


def test_links_and_special_files_of_the_guest(tmp_path: Path) -> None:
    code = "import os\nos.symlink('/etc/passwd', 'l')\nos.mkfifo('p')\nos.symlink('/etc', 'd')\nopen('n\\n', 'w')"
    with SocketEngine().sandbox() as box:
        box.run(code).raise_for_status()
        kept = OutFolder(str(tmp_path), LIMITS).keep(box, {})
    assert kept == Kept(
        {},
        {
            "d": "is a symbolic link",
            "l": "is a symbolic link",
            "n\\n": "holds a control character",
            "p": "is no regular file",
        },
    )
    assert next(kept.lines()) == "not written: d: is a symbolic link"
    assert kept.as_json() == {"written": {}, "refused": kept.refused, "lost": None}


def test_a_guest_that_lists_little_and_sends_much(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.file(0, ["a", 1, "b", 1, "c", 1]) + say.done())
        for number in (2, 3, 4):
            peer.request()
            peer.send(say.file(0, bytes(600)) + say.done(turn=number))

    with ScriptedEngine(script).sandbox() as box:
        kept = OutFolder(str(tmp_path), Limits(disk=1_000)).keep(box, {})
    refused = dict.fromkeys(("b", "c"), "is more than disk=1,000 bytes in all")
    assert kept == Kept({"a": 600}, refused)


def test_a_guest_that_lies_on_the_way(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.file(0, ["a", 1, "b", 1]) + say.done())
        peer.request()
        peer.send(say.file(0, ["missing", ""], ok=False) + say.done(turn=2))
        peer.request()
        peer.send(say.file(0, ["refused", "\x1b]0;title\x07"], ok=False) + say.done(turn=3))

    with ScriptedEngine(script).sandbox() as box:
        kept = OutFolder(str(tmp_path), LIMITS).keep(box, {})
    assert kept == Kept({}, {"a": "is not there any more", "b": "\\x1b]0;title\\x07"})


def test_a_guest_that_has_ended(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.file(0, ["../../x", 1, "a"]))

    with ScriptedEngine(script).sandbox() as box:
        out = OutFolder(str(tmp_path), LIMITS)
        lost = out.keep(box, {}).lost
        assert lost.startswith("the guest broke the protocol: a listing that is not one")
        assert lost.endswith(": nothing was written")
        assert out.keep(box, {}) == Kept(
            lost="the guest has ended, and its files with it: nothing was written"
        )
        assert list(out.keep(box, {}).lines()) == [out.keep(box, {}).lost]


def test_many_refusals_are_not_all_lines() -> None:
    lines = list(Kept(refused={f"n{n}": "is a symbolic link" for n in range(25)}).lines())
    assert len(lines) == 21
    assert lines[-1] == "not written: 5 more; --json lists all"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="--out: cannot make the folder"):
        OutFolder(str(tmp_path / "file" / "x"), LIMITS)
    with pytest.raises(ConfigurationError, match="^--out: with disk=0 the program can leave"):
        OutFolder(str(tmp_path), ringfence.Limits(disk=0))
