"""``make demo``: untrusted analysis of a real file, hostile programs, and what a sandbox costs.

Everything that is shown has just happened on this machine. Exit status: 0 when the analysis gave
its result and every attack was denied; 1 when one was not; 3 when the walls cannot be built here.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("typer", "rich", "numpy", "pandas", "matplotlib")

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def main() -> int:
    """Show everything; gives the exit status."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(f"demo: {', '.join(missing)} not installed here; run: make demo\n")
        return 3
    sys.path.insert(0, str(ROOT))
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 110
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    if not check_machine(console):
        return 3
    from demo.analysis import show_analysis

    show_analysis(console)
    held = show_attacks(console)
    show_cost(console)
    return 0 if held else 1


def check_machine(console: Console) -> bool:
    """Whether a guest can be had behind the full set of walls; says what is missing if not."""
    import ringfence
    from demo.page import heading
    from ringfence.cli.escape import escape

    try:
        result = ringfence.run("1 + 1", packages=["numpy"])
    except (ringfence.EngineNotAvailable, ringfence.PolicyNotEnforceable) as error:
        console.print("The demo cannot run here, because the walls cannot be built:\n")
        console.print(escape(str(error)))
        console.print("\n.venv/bin/ringfence doctor says more.")
        return False
    walls = ", ".join(sorted(result.walls))
    heading(console, "Ringfence runs Python you do not trust, from Python")
    console.print(
        "A backend runs its users' plugins, an agent runs what a model wrote, a CAD program runs\n"
        "importers. They get their arguments, under limits that hold; they see nothing else of\n"
        "the machine; and they give a typed value back, fast.\n"
    )
    console.print(f"Here: engine {result.engine}, behind the walls {walls}.")
    return True


# --- 2. attacks --------------------------------------------------------------------------------


def show_attacks(console: Console) -> bool:
    """Every hostile program, and what stood; gives whether each was denied."""
    from rich.text import Text

    import ringfence
    from demo.gallery import host_with_secrets, read_attacks, run_attack
    from demo.page import heading
    from ringfence.cli.escape import escape_line

    heading(console, "2. The same door, other guests")
    attacks = read_attacks()
    console.print(
        f"{len(attacks)} hostile programs (demo/scripts/hostile), each in a fresh guest, while a\n"
        "neighbour goes on working. Each is told where the secrets are.\n"
    )
    print_row(
        console,
        *(Text(title, "bold") for title in ("", "a guest tries to", "and gets", "because of")),
    )
    held = True
    with host_with_secrets() as host, ringfence.Sandbox() as neighbour:
        neighbour.run("kept = 'the work of the neighbour'").raise_for_status()
        for attack in attacks:
            denial = run_attack(attack, host)
            held = held and denial.held
            print_row(
                console,
                Text("held", "green") if denial.held else Text("FELL", "bold red"),
                Text(attack.tries),
                Text(escape_line(denial.verdict, 90)),
                Text(denial.stood, "dim"),
            )
        kept = neighbour.run("kept")
    console.print(f"\nThe neighbour still has {kept.value!r}, and goes on.")
    return held and kept.ok


def print_row(console: Console, *cells: Text) -> None:
    """One row of a table that grows as things happen."""
    from rich.table import Table

    row = Table.grid(padding=(0, 2, 0, 0), expand=True)
    row.add_column(width=4)
    for share in (5, 4, 4):
        row.add_column(ratio=share)
    row.add_row(*cells)
    console.print(row)


# --- 3. cost -----------------------------------------------------------------------------------


def show_cost(console: Console) -> None:
    """What it costs here."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from demo.cost import measure
    from demo.page import heading

    heading(console, "3. What it costs, on this machine, just now")
    with console.status("measuring"):
        costs = measure()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("what")
    table.add_column("median", justify="right")
    table.add_column("of a bare Python", justify="right")
    for cost in costs:
        table.add_row(cost.what, time_text(cost.seconds), f"{cost.ratio:.3f}")
    console.print(table)
    console.print(
        "`make bench` measures more, beside more. `.venv/bin/ringfence doctor` attacks more."
    )


def time_text(seconds: float) -> str:
    """``1.65 ms``, ``32 µs``."""
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


if __name__ == "__main__":
    sys.exit(main())
