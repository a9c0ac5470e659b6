"""Displays as files: the names are ours, nothing is what it is not, no link is followed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, Display, KeptDisplays

PNG = b"\x89PNG\r\n\x1a\nrest"
JPEG = b"\xff\xd8\xff\xe0rest"


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "index.html"
    }


def test_a_file_for_each_media_type(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "plots"
    paths = ringfence.write_displays(
        [
            Display({"image/png": PNG, "image/jpeg": JPEG, "text/plain": "Zoë\ud800\x1b"}),
            Display({"text/html": "<b>", "image/svg+xml": "<svg/>", "text/markdown": "m"}),
            Display({"text/latex": "l", "application/json": "{}"}),
        ],
        folder,
    )
    assert written(tmp_path) == {
        "new/plots/display-1.png": PNG,
        "new/plots/display-1.jpg": JPEG,
        "new/plots/display-1.txt": b"Zo\xc3\xab?\x1b",
        "new/plots/display-2-html.txt": b"<b>",
        "new/plots/display-2-svg.txt": b"<svg/>",
        "new/plots/display-2.md": b"m",
        "new/plots/display-3.tex": b"l",
        "new/plots/display-3.json": b"{}",
    }
    assert [path.name for path in paths] == [
        "display-1.png", "display-1.jpg", "display-1.txt", "display-2-html.txt",
        "display-2-svg.txt", "display-2.md", "display-3.tex", "display-3.json", "index.html",
    ]  # fmt: skip
    assert all(path.parent == folder for path in paths)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image/png", b"<script>"), ("image/png", b"\x89PN"), ("image/png", "text"), ("image/png", JPEG),
        ("image/jpeg", PNG), ("image/jpeg", b"GIF89a"), ("text/html", b"<b>"), ("text/plain", b"x"),
        ("image/svg+xml", b"<svg/>"), ("image/PNG", PNG), ("image/gif", b"GIF89a"), ("", "x"),
        ("../../etc/passwd", "x"), ("text/html\r\nX: y", "x"), ("text/html; charset=utf-7", "x"),
        ("application/xhtml+xml", "x"), ("\x1b]0;x\x07", "x"), ("application/javascript", "x"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_says_is_no_image_and_no_text(
    tmp_path: Path, kind: str, content: Any
) -> None:
    ringfence.write_displays([Display({kind: content})], tmp_path)
    assert list(written(tmp_path)) == ["display-1.bin"]


def test_no_content_is_lost_to_another_of_its_name(tmp_path: Path) -> None:
    ringfence.write_displays([Display({"a/a": "1", "b/b": "2", "text/plain": b"3"})], tmp_path)
    assert written(tmp_path) == {
        "display-1.bin": b"1",
        "display-1-2.bin": b"2",
        "display-1-3.bin": b"3",
    }


@pytest.mark.parametrize("name", ["display-1.txt", "index.html"])
def test_a_link_is_not_followed_and_not_replaced(tmp_path: Path, name: str) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    victim.write_text("mine")
    folder.mkdir()
    (folder / name).symlink_to(victim)
    with pytest.raises(
        ConfigurationError, match=f"cannot write '.*{name}': a link of this name is"
    ):
        ringfence.write_displays([Display({"text/plain": "x"})], folder)
    assert victim.read_text() == "mine"
    assert (folder / name).is_symlink()


def test_a_file_of_the_same_name_is_replaced_not_written_into(tmp_path: Path) -> None:
    other, folder = tmp_path / "other", tmp_path / "folder"
    folder.mkdir()
    other.write_text("mine")
    os.link(other, folder / "display-1.txt")
    ringfence.write_displays([Display({"text/plain": "x"})], folder)
    assert (other.read_text(), (folder / "display-1.txt").read_text()) == ("mine", "x")
    assert sorted(os.listdir(folder)) == ["display-1.txt", "index.html"]


def test_neither_a_folder_nor_a_pipe_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "display-1.txt")
    with pytest.raises(ConfigurationError, match="something that is no file of this name is there"):
        ringfence.write_displays([Display({"text/plain": "x"})], tmp_path)
    assert os.listdir(tmp_path) == ["display-1.txt"]


def test_the_folder_that_was_opened_is_written_to(tmp_path: Path) -> None:
    """Not one that somebody puts in its place afterwards."""
    from ringfence.displays.folder import DisplayFolder

    target, elsewhere = tmp_path / "target", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with DisplayFolder(target) as folder:
        target.rename(tmp_path / "moved")
        target.symlink_to(elsewhere)
        folder.keep(Display({"text/plain": "x"}))
    assert os.listdir(elsewhere) == []
    assert os.listdir(tmp_path / "moved") == ["display-1.txt"]


def test_nothing_displayed(tmp_path: Path) -> None:
    (page,) = ringfence.write_displays([], tmp_path)
    assert "Nothing was displayed." in page.read_text("ascii")


def test_what_a_sandbox_no_longer_keeps_is_said(tmp_path: Path) -> None:
    kept = KeptDisplays([Display({"text/plain": "x"})], dropped=1_200)
    *_, page = ringfence.write_displays(kept, str(tmp_path))
    assert "1,200 older ones are no longer kept." in page.read_text("ascii")


@pytest.mark.parametrize(
    ("displays", "options", "message"),
    [
        (5, {}, "displays must be Display objects: result.displays or box.displays"),
        ([{"text/plain": "x"}], {}, "displays must be Display objects"),
        (Display({}), {}, "displays must be Display objects"),
        ([], {"folder": 5}, "folder=5 must be a path"),
        ([], {"folder": "a\0b"}, "cannot make the folder 'a\\\\x00b' for displays"),
        ([], {"title": 5}, "title=5 must be text"),
    ],
)
def test_wrong_arguments(
    tmp_path: Path, displays: Any, options: dict[str, Any], message: str
) -> None:
    folder = options.pop("folder", tmp_path / "new")
    with pytest.raises(ConfigurationError, match=message):
        ringfence.write_displays(displays, folder, **options)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot make the folder .* for displays: "):
        ringfence.write_displays([], tmp_path / "file" / "plots")
