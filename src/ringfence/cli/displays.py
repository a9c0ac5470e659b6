"""What a guest displays, as a line for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ringfence.cli.escape import escape_line
from ringfence.model import Display

__all__ = ["describe_display"]


def describe_display(display: Display, kept: Sequence[Path]) -> str:
    """``image/png, 23,456 bytes; kept as plots/display-1.png``."""
    parts = []
    for kind, content in display.data.items():
        unit = "bytes" if isinstance(content, bytes) else "characters"
        parts.append(f"{escape_line(kind, 100)}, {len(content):,} {unit}")
    where = ", ".join(map(str, kept))
    return "; ".join(parts) + (f"; kept as {where}" if kept else "; --displays FOLDER keeps it")
