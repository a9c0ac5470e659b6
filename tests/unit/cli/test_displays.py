"""What the command line says of a display."""

from __future__ import annotations

from pathlib import Path

from ringfence.cli.displays import describe_display
from ringfence.model import Display


def test_what_is_said_of_a_display() -> None:
    display = Display({"image/png": b"x" * 2_000, "te\x1bxt": "abc"})
    assert describe_display(display, ()) == (
        "image/png, 2,000 bytes; te\\x1bxt, 3 characters; --displays FOLDER keeps it"
    )
    assert describe_display(display, [Path("a/b.png")]).endswith("; kept as a/b.png")
