"""``ringfence engines``: what is installed, what it can do, and whether it can do it here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.escape import escape
from ringfence.cli.tables import make_console
from ringfence.engine import Availability, Capabilities, Evaluator
from ringfence.model import FULL_WALLS
from ringfence.model.as_json import dump
from ringfence.model.policy import describe_walls
from ringfence.runtime.registry import EngineInfo, find_evaluator, list_evaluators
from ringfence.sandbox import engines

__all__ = ["capabilities_as_json", "list_engines", "print_missing"]

_FLAGS: Mapping[str, str] = {
    "packages": "packages",
    "wheels": "wheels",
    "interpreters": "other interpreters",
    "read": "host paths to read",
    "cpu_share": "a share of a core",
    "tenant": "an image per tenant",
    "deterministic": "determinism",
    "threads": "threads",
    "snapshot": "snapshots",
}


def list_engines(as_json: bool) -> int:
    """Print the list; gives the exit status."""
    with Activity("trying what stands here"):
        found = engines()
        evaluators = [find_evaluator(name) for name in list_evaluators()]
        stand = {one.name: one.availability() for one in evaluators}
    if as_json:
        told = {name: _as_json(info) for name, info in found.items()}
        told |= {one.name: _evaluator_as_json(one, stand[one.name]) for one in evaluators}
        sys.stdout.write(dump(told))
    else:
        console = make_console()
        for name, info in found.items():
            _print_engine(console, info)
            print_missing(console, name, info.availability)
        for one in evaluators:
            _print_evaluator(console, one, stand[one.name])
            print_missing(console, one.name, stand[one.name])
    available = any(_stands(info.availability) for info in found.values())
    return exits.OK if available else exits.UNAVAILABLE


def _stands(availability: Availability) -> bool:
    return any(walls in FULL_WALLS for walls in availability.walls)


def _print_engine(console: Console, info: EngineInfo) -> None:
    can, here = info.capabilities, set(info.availability.walls)
    console.print()
    console.print(Text(info.name, style="bold"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=10, no_wrap=True)
    table.add_column()
    for number, walls in enumerate(can.walls):
        stands = walls in here
        line = Text.assemble(
            f"{describe_walls(walls)}  ",
            ("stands" if stands else "does not stand here", "green" if stands else "yellow"),
            " (the default)" if walls in FULL_WALLS else " (by name only)",
        )
        table.add_row(Text("" if number else "  walls"), line)
    table.add_row("  limits", Text(", ".join(sorted(can.limits))))
    also = ", ".join(text for flag, text in _FLAGS.items() if getattr(can, flag))
    table.add_row("  can also", Text(also or "nothing"))
    if can.missing_modules:
        table.add_row("  lacks", Text("modules " + ", ".join(sorted(can.missing_modules))))
    console.print(table)


def _print_evaluator(console: Console, evaluator: Evaluator, availability: Availability) -> None:
    can = evaluator.capabilities
    console.print()
    console.print(
        Text.assemble((evaluator.name, "bold"), "  evaluates blocks and short calls, by name only")
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=10, no_wrap=True)
    table.add_column()
    stands = can.walls in availability.walls
    line = Text.assemble(
        f"{describe_walls(can.walls)}  ",
        ("stands" if stands else "does not stand here", "green" if stands else "yellow"),
    )
    table.add_row(Text("  walls"), line)
    each, whole = sorted(can.budgets - can.of_guest), sorted(can.of_guest)
    table.add_row("  a call", Text(", ".join(each)))
    if whole:
        table.add_row("  a guest", Text(", ".join(whole)))
    language = "Python" if can.full_python else "not all of Python: see its page of limitations"
    table.add_row("  language", Text(language))
    console.print(table)


def print_missing(console: Console, name: str, availability: Availability) -> None:
    """What does not stand here, why, and what would mend it."""
    for what, why in availability.missing.items():
        console.print()
        console.print(Text(f"{name}: {what} does not stand here", style="bold yellow"))
        console.print(Text(escape(why)), soft_wrap=not console.is_terminal)
    if availability.remedy:
        console.print()
        console.print(Text("What would mend it", style="bold"))
        console.print(Text(escape(availability.remedy)), soft_wrap=not console.is_terminal)


def capabilities_as_json(can: Capabilities, availability: Availability) -> dict[str, Any]:
    """Both as data for JSON."""
    return {
        "capabilities": {
            "walls": [sorted(walls) for walls in can.walls],
            "limits": sorted(can.limits),
            **{flag: getattr(can, flag) for flag in _FLAGS},
            "missing_modules": sorted(can.missing_modules),
        },
        "availability": _availability_as_json(availability),
    }


def _as_json(info: EngineInfo) -> dict[str, Any]:
    available = _stands(info.availability)
    return {
        "available": available,
        "sandboxes": True,
        **capabilities_as_json(info.capabilities, info.availability),
    }


def _evaluator_as_json(evaluator: Evaluator, availability: Availability) -> dict[str, Any]:
    can = evaluator.capabilities
    return {
        "available": can.walls in availability.walls,
        "sandboxes": False,
        "capabilities": {
            "walls": [sorted(can.walls)],
            "budgets": sorted(can.budgets),
            "of_guest": sorted(can.of_guest),
            "full_python": can.full_python,
        },
        "availability": _availability_as_json(availability),
    }


def _availability_as_json(availability: Availability) -> dict[str, Any]:
    return {
        "walls": [sorted(walls) for walls in availability.walls],
        "missing": dict(availability.missing),
        "remedy": availability.remedy,
    }
