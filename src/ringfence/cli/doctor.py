"""``ringfence doctor``: what was witnessed on this machine, as a report or as JSON."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence import __version__
from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.engines import capabilities_as_json, print_missing
from ringfence.cli.escape import escape_line
from ringfence.cli.tables import make_console
from ringfence.cli.witness.evidence import Evidence, Examined, Kind, Stand, Verdict
from ringfence.cli.witness.examine import examine_engines
from ringfence.engine import Engine
from ringfence.model.as_json import dump
from ringfence.model.policy import describe_walls
from ringfence.runtime.arguments import check_python
from ringfence.runtime.registry import describe_engines, find_engine

__all__ = ["examine", "find_engines"]

_STYLES: Mapping[Verdict, str] = MappingProxyType(
    {"stood": "green", "refused": "yellow", "fell": "bold red"}
)
_HEADINGS: Mapping[Kind, str] = MappingProxyType(
    {
        "wall": "The walls, each by itself",
        "denial": "What no guest may do",
        "limit": "The limits, each reached",
        "grant": "What a policy asks for",
        "apart": "Guests among themselves",
    }
)


def find_engines(name: str | None) -> tuple[Engine, ...]:
    """The engine of that name, or all that are installed.

    Raises:
        ConfigurationError: there is none of that name.
    """
    names = sorted(describe_engines()) if name is None else [name]
    return tuple(find_engine(one) for one in names)


def examine(name: str | None, as_json: bool, python: str | None = None) -> int:
    """Examine one engine or all, and print the report; gives the exit status.

    Args:
        name: the engine's name, or None for all.
        as_json: print JSON, for programs.
        python: the interpreter of the guests, by path; None for the host's own.

    Raises:
        ConfigurationError: there is no such engine, or the interpreter will not do.
    """
    engines = find_engines(name)
    with Activity("attacking") as activity:
        examined = examine_engines(engines, activity.say, check_python(python))
    status = _status(examined)
    if as_json:
        sys.stdout.write(dump(_as_json(examined, status)))
        return status
    console = make_console()
    for one in examined:
        _print_engine(console, one)
    _print_verdict(console, examined, status)
    return status


def _status(examined: Iterable[Examined]) -> int:
    several = tuple(examined)
    if any(one.fallen for one in several):
        return exits.FELL
    return exits.OK if any(one.available for one in several) else exits.UNAVAILABLE


# --- for people --------------------------------------------------------------------------------


def _print_engine(console: Console, examined: Examined) -> None:
    for stand in examined.stands:
        _print_stand(console, examined.name, stand)
    print_missing(console, examined.name, examined.availability)


def _print_stand(console: Console, name: str, stand: Stand) -> None:
    note = "the default" if stand.default else "only where a policy names it"
    console.print()
    console.print(
        Text.assemble(
            (f"{name} ", "bold"), "behind ", (describe_walls(stand.walls), "bold"), f", {note}"
        )
    )
    for kind, heading in _HEADINGS.items():
        rows = [one for one in stand.evidence if one.kind == kind]
        if rows:
            console.print()
            console.print(Text(heading, style="underline"))
        for subject, group in itertools.groupby(rows, lambda one: one.subject):
            _print_subject(console, subject, list(group))


def _print_subject(console: Console, subject: str, rows: Sequence[Evidence]) -> None:
    console.print(Text.assemble("  ", (subject, "bold"), "  ", (rows[0].mechanism, "dim")))
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=11, no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    for one in rows:
        verdict = one.verdict if one.verdict != "fell" else "FELL"
        table.add_row(
            Text(f"    {verdict}", style=_STYLES[one.verdict]),
            Text(one.claim),
            Text(escape_line(one.seen, 200)),
        )
    console.print(table)


def _print_verdict(console: Console, examined: Iterable[Examined], status: int) -> None:
    several = tuple(examined)
    console.print()
    for one in several:
        for evidence in one.fallen:
            line = f"FELL: {one.name}, {evidence.subject}: {evidence.claim}: {evidence.seen}"
            console.print(Text(escape_line(line), style=_STYLES["fell"]))
    total = sum(len(stand.evidence) for one in several for stand in one.stands)
    count = f"{total} witnesses"
    if status == exits.OK:
        console.print(
            Text(f"{count}: everything stood, or was refused by name.", style="bold green")
        )
    elif status == exits.FELL:
        fallen = sum(len(one.fallen) for one in several)
        text = f"{count}, and {fallen} fell: do not run what you do not trust on this machine."
        console.print(Text(text, style=_STYLES["fell"]))
    else:
        text = "No engine has its full set of walls here: by default nothing runs on this machine."
        console.print(Text(text, style="bold yellow"))


# --- for programs ------------------------------------------------------------------------------

_VERDICTS: Mapping[int, str] = MappingProxyType(
    {exits.OK: "stood", exits.FELL: "fell", exits.UNAVAILABLE: "unavailable"}
)


def _as_json(examined: Iterable[Examined], status: int) -> dict[str, Any]:
    return {
        "ringfence": __version__,
        "verdict": _VERDICTS[status],
        "engines": {one.name: _engine_as_json(one) for one in examined},
    }


def _engine_as_json(examined: Examined) -> dict[str, Any]:
    return {
        "available": examined.available,
        **capabilities_as_json(examined.capabilities, examined.availability),
        "stands": [
            {
                "walls": sorted(stand.walls),
                "default": stand.default,
                "enforced": dict(stand.enforced),
                "witnesses": [dataclasses.asdict(one) for one in stand.evidence],
            }
            for stand in examined.stands
        ],
    }
