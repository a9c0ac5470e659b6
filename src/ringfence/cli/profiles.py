"""``ringfence doctor --profile``: the jails as data, and nothing is attacked."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.doctor import find_engines
from ringfence.cli.tables import make_console
from ringfence.engine import Engine, ImageSpec
from ringfence.errors import PolicyNotEnforceable
from ringfence.model import Limits, Policy, WallSet
from ringfence.model.as_json import dump
from ringfence.model.policy import describe_walls
from ringfence.runtime.arguments import check_python

__all__ = ["print_profiles"]


def print_profiles(name: str | None, as_json: bool, python: str | None = None) -> int:
    """Print what confines a guest of each engine, behind each set that stands; gives the exit
    status.

    Args:
        name: the engine's name, or None for all.
        as_json: print JSON, for programs.
        python: the interpreter of the guests, by path; None for the host's own.

    Raises:
        ConfigurationError: there is no such engine, or the interpreter will not do.
    """
    python = check_python(python)
    with Activity("reading the jails"):
        found = [
            {"engine": engine.name, "walls": sorted(walls), **_explain(engine, walls, python)}
            for engine in find_engines(name)
            for walls in engine.availability().walls
        ]
    if as_json:
        sys.stdout.write(dump(found))
    else:
        console = make_console()
        for one in found:
            _print_profile(console, one)
    return exits.OK if found else exits.UNAVAILABLE


def _explain(engine: Engine, walls: WallSet, python: str | None) -> Mapping[str, Any]:
    policy = Policy(walls=[walls])
    limits = Limits()
    try:
        image = engine.image(ImageSpec(python=python, policy=policy, limits=limits))
    except PolicyNotEnforceable:  # behind fewer walls there are no threads and no disk
        limits = limits.replace(threads=0, disk=0)
        image = engine.image(ImageSpec(python=python, policy=policy, limits=limits))
    try:
        return image.explain(limits)
    finally:
        image.close()


def _print_profile(console: Console, found: Mapping[str, Any]) -> None:
    console.print()
    console.print(
        Text.assemble(
            (f"{found['engine']} ", "bold"),
            "behind ",
            (describe_walls(found["walls"]), "bold"),
        )
    )
    for part, content in found.items():
        if part not in ("engine", "walls", "system_calls"):
            console.print()
            console.print(Text(part, style="italic"))
            console.print(Text(json.dumps(content, indent=2)), soft_wrap=True)
    if "system_calls" in found:
        console.print()
        console.print(_table(found["system_calls"]))


def _table(calls: Sequence[Mapping[str, Any]]) -> Table:
    """The policy, with calls that are treated alike in one row."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("calls", ratio=3)
    table.add_column("action")
    table.add_column("if", ratio=2)
    table.add_column("otherwise")
    table.add_column("why", ratio=3)
    for (action, tests, otherwise, reason), group in itertools.groupby(calls, _treatment):
        names = " ".join(call["name"] for call in group)
        condition = " and ".join(tests)
        table.add_row(*map(Text, (names, action, condition, otherwise if tests else "", reason)))
    return table


def _treatment(call: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str, str]:
    return call["action"], tuple(call["tests"]), call["otherwise"], call["reason"]
