"""How the demo's page looks."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

__all__ = ["ROOT", "heading", "relative"]

ROOT = Path(__file__).resolve().parent.parent


def heading(console: Console, text: str) -> None:
    """A rule across the page."""
    console.print()
    console.print(Rule(Text(text, style="bold"), align="left"))
    console.print()


def relative(path: Path) -> str:
    """A path as it is shown: beneath the repository."""
    return str(path.relative_to(ROOT))
