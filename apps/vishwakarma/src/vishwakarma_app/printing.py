"""What is said to a person: names, texts and messages may be anybody's."""

from __future__ import annotations

import sys

__all__ = ["printable", "say"]


def say(text: str) -> None:
    """Print lines. Control characters in them do not reach the terminal."""
    sys.stdout.write("\n".join(map(printable, text.split("\n"))) + "\n")


def printable(line: str) -> str:
    """A line without control characters."""
    return "".join(one if one.isprintable() else "\ufffd" for one in line)
