"""Rows as tables on the terminal, as Markdown, as JSON; and Markdown into docs/performance.md."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.page import Page, block_of
from bench.rows import BARE, Row

__all__ = ["Report"]

_HEAD = ("", "median", "p99", "n", "against", "target")
_TIMES = "\N{MULTIPLICATION SIGN}"
_LEGEND = (
    f"{BARE.capitalize()} is `python -I -S -c pass`, the real executable that the guests run, "
    "started by `posix_spawn`; it takes its turns among what is compared with it. A ratio is one "
    "of medians."
)


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes:
        command: what was run.
        facts: about the machine.
        notes: group -> what a reader has to know of it.
        rows: in the order of the tables.
    """

    command: str
    facts: Mapping[str, str]
    notes: Mapping[str, str]
    rows: Sequence[Row]

    # --- keeping it ------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write JSON; folders are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {
            "command": self.command,
            "facts": dict(self.facts),
            "notes": dict(self.notes),
            "rows": [row.as_dict() for row in self.rows],
        }
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> Report:
        """What :meth:`save` wrote."""
        data = json.loads(path.read_text())
        rows = [Row.from_dict(row) for row in data["rows"]]
        return cls(data["command"], data["facts"], data["notes"], rows)

    # --- showing it ------------------------------------------------------------------------

    def groups(self) -> dict[str, list[Row]]:
        """The rows by group."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.group, []).append(row)
        return found

    def verdict(self) -> str:
        """How many targets were met, in a sentence."""
        judged = [row for row in self.rows if row.met is not None]
        missed = [f"{row.name} ({row.group})" for row in judged if not row.met]
        text = f"{len(judged) - len(missed)} of {len(judged)} targets met"
        return f"{text}; missed: {'; '.join(missed)}" if missed else text

    def show(self) -> None:
        """Print it: tables of rich if there is rich."""
        if importlib.util.find_spec("rich") is None:
            print(self.markdown())
            return
        self._show_rich()

    def _show_rich(self) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
        for group, rows in self.groups().items():
            table = Table(title=f"[bold]{group}", title_justify="left", caption_justify="left")
            for number, head in enumerate(_HEAD):
                table.add_column(head, justify="left" if number in (0, 5) else "right")
            for row in rows:
                style = {True: "green", False: "red", None: "" if row.subject else "dim"}[row.met]
                table.add_row(*(escape(cell.replace("`", "")) for cell in _cells(row)), style=style)
            console.print(table)
            console.print(f"[dim]{escape(self.notes[group].replace('`', ''))}\n")
        for name, text in self.facts.items():
            console.print(f"{name:>18}  {escape(text)}", soft_wrap=True)
        console.print(f"[bold]{escape(self.verdict())}", soft_wrap=True)

    def markdown(self) -> str:
        """All tables."""
        return "\n\n".join([_LEGEND, f"**{self.verdict()}.**", *self._blocks().values()]) + "\n"

    def _blocks(self) -> dict[str, str]:
        """Group -> its table, with what has to be known of it."""
        facts = "; ".join(f"{name}: {text}" for name, text in self.facts.items() if name != "date")
        when = f"*Measured on {self.facts['date']} with `{self.command}` ({facts}).*"
        blocks = {}
        for group, rows in self.groups().items():
            table = [
                f"| {' | '.join(_HEAD)} |",
                "|---|---:|---:|---:|---:|---|",
                *(f"| {' | '.join(_cells(row, bold=True))} |" for row in rows),
            ]
            blocks[group] = block_of(group, self.notes[group], table, when)
        return blocks

    def write_docs(self, path: Path, order: Sequence[str]) -> None:
        """Put the tables between the markers of ``path``; both are made if missing. Tables of
        groups that were not measured stay as they are, with the day and the machine of theirs.

        Args:
            path: the page.
            order: all groups there are.

        Raises:
            PageError: one marker without the other.
        """
        page = Page.read(path)
        page.replace(self._blocks(), order)
        page.write(_LEGEND)


def _number(value: float) -> str:
    """Three significant digits, without powers of ten."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 2 if abs(value) >= 1 else 3
    if 0 < abs(value) < 0.1:
        digits = 4
    return f"{value:.{digits}f}"


def _cells(row: Row, *, bold: bool = False) -> list[str]:
    name = row.name if row.subject or not bold else f"*{row.name}*"
    if row.median is None:
        return [name, "left out", "", "", "", row.note]
    unit = row.unit.replace("us", "µs")
    against = "" if row.ratio is None else f"{_number(row.ratio)} {_TIMES} {row.to}"
    return [
        name,
        f"{_number(row.median)} {unit}",
        "" if row.p99 is None else f"{_number(row.p99)} {unit}",
        str(row.count),
        against,
        _verdict(row, bold=bold),
    ]


def _verdict(row: Row, *, bold: bool) -> str:
    words: list[Any] = []
    if row.target is not None:
        sign = "≥" if row.target.least else "≤"
        what = f"{_TIMES} {row.to}" if row.target.of == "ratio" else row.unit.replace("us", "µs")
        word = "met" if row.met else "missed"
        words.append(f"{sign} {row.target.limit:g} {what}: {f'**{word}**' if bold else word}")
    if row.note:
        words.append(row.note)
    return "; ".join(words)
