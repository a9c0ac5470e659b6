"""How tables are written: as wide as the terminal, and wide enough where there is none."""

from __future__ import annotations

import os
import sys

from rich.console import Console

__all__ = ["make_console"]

_WIDTH = 120
"""Columns where output is no terminal and COLUMNS says nothing."""


def make_console() -> Console:
    """A console on standard output."""
    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if told else _WIDTH, highlight=False, emoji=False, markup=False)
