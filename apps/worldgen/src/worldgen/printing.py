"""What is said to a person on a terminal: names and messages may be anybody's."""

from __future__ import annotations

import sys

__all__ = ["printable", "say"]


def say(text: str) -> None:
    """Print lines. Control characters in them do not reach the terminal."""
    sys.stdout.write("\n".join(map(printable, text.split("\n"))) + "\n")
    sys.stdout.flush()


def printable(line: str) -> str:
    """A line without control characters and without characters that turn the direction of text."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line)
