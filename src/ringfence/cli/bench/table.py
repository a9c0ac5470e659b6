"""The rows as a table for people."""

from __future__ import annotations

import sys

from ringfence.cli.bench.rows import BARE, Outcome, Row
from ringfence.cli.escape import escape_line

__all__ = ["print_table", "spell"]

_TIMES = "\N{MULTIPLICATION SIGN}"
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "\N{MICRO SIGN}s"), (0.0, "ns"))


def spell(value: float | None, unit: str) -> str:
    """Three digits and a unit: ``1.23 ms``, ``45.6 µs``, ``812 /s``."""
    if value is None:
        return ""
    if unit == "s":
        size, unit = next((s, u) for s, u in _UNITS if value >= s)
        value /= size or 1e-9
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:,.{digits}f} {unit}"


def print_table(outcome: Outcome) -> None:
    """Print it to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("", "median", "p99", "n", f"{_TIMES} bare"):
        table.add_column(title, justify="right" if title else "left", no_wrap=bool(title))
    group = ""
    for row in outcome.rows:
        if row.group != group:
            group = row.group
            table.add_row(f"[bold]{group[0].upper()}{group[1:]}")
        table.add_row(*_cells(row), style="green" if row.ours else "")
    console.print(table)
    console.print()
    for name, text in outcome.facts.items():
        console.print(f"[dim]{name:>18}[/]  {escape_line(text, 200)}", soft_wrap=True)
    console.print(f"[dim]{'bare':>18}[/]  {BARE.removeprefix('bare ')}, started by posix_spawn")


def _cells(row: Row) -> tuple[str, ...]:
    name = f"  {row.name}"
    if row.median is None:
        return (f"{name} [dim](left out: {escape_line(row.note, 80)})[/]", "", "", "", "")
    ratio = "" if row.ratio is None else spell(row.ratio, "").rstrip()
    return (
        name,
        spell(row.median, row.unit),
        spell(row.p99, row.unit),
        f"{row.count:,}",
        ratio if row.ratio is None or row.ratio >= 0.095 else f"{row.ratio:.4f}",
    )
