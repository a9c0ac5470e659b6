"""Displays as files: the names are ours, and no link is followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.cli.displays import DisplayFolder, describe_display
from ringfence.errors import ConfigurationError
from ringfence.model import Display


def test_a_file_for_each_media_type(tmp_path: Path) -> None:
    folder = DisplayFolder(str(tmp_path / "new" / "plots"))
    folder.keep(Display({"image/png": b"\x89PNG", "text/plain": "Zoë\ud800"}))
    folder.keep(Display({"../../etc/passwd": "x", "image/svg+xml": "<svg/>"}))
    kept = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert kept == {
        "new/plots/display-1.png": b"\x89PNG",
        "new/plots/display-1.txt": b"Zo\xc3\xab?",
        "new/plots/display-2.bin": b"x",
        "new/plots/display-2.svg": b"<svg/>",
    }


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "display-1.png").symlink_to(victim)
    with pytest.raises(ConfigurationError, match=r"cannot write .*display-1\.png"):
        DisplayFolder(str(tmp_path)).keep(Display({"image/png": b"x"}))
    assert victim.read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="--displays: cannot make the folder"):
        DisplayFolder(str(tmp_path / "file" / "plots"))


def test_what_is_said_of_a_display() -> None:
    display = Display({"image/png": b"x" * 2_000, "te\x1bxt": "abc"})
    assert describe_display(display, ()) == (
        "image/png, 2,000 bytes; te\\x1bxt, 3 characters; --displays FOLDER keeps it"
    )
    assert describe_display(display, [Path("a/b.png")]).endswith("; kept as a/b.png")
