"""What it takes for a client to use Ringfence: its own entry, and servers that go behind it.

Nothing here writes: a plan is what a person is asked about.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.configuration import user_configuration_file
from ringfence.mcp.broker.names import SERVER_NAME_RULE, is_server_name
from ringfence.mcp.broker.selves import starts_ringfence
from ringfence.mcp.setup.changes import GONE, Document, Edit, FileChange, change_file
from ringfence.mcp.setup.clients import Client, Homes, Place
from ringfence.mcp.setup.entries import NotMovable, for_broker, own_entry
from ringfence.mcp.setup.files import resolve

__all__ = ["BROKER_TABLE", "Plan", "Wish", "launch", "plan_place"]

BROKER_TABLE = ("mcpServers",)


@dataclass(frozen=True)
class Wish:
    """What a person asks for.

    Attributes:
        name: what the client is to call Ringfence's server.
        command: the program that the client starts, and its arguments up to ``mcp``.
        options: more arguments of it.
        move: whether the client's other servers go behind the broker.
        only: names of servers to move; empty: all.
    """

    name: str = "ringfence"
    command: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    move: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is to be done for one file of a client's.

    Attributes:
        place: the client, and its file.
        changes: in the order in which they are to be written; none: all is done already.
        moved: names of the servers that go behind the broker.
        left: name of a server -> why it stays.
        beside: names of the servers that stay because nobody asked for them to move.
    """

    place: Place
    changes: tuple[FileChange, ...]
    moved: tuple[str, ...] = ()
    left: Mapping[str, str] | None = None
    beside: tuple[str, ...] = ()


def launch() -> tuple[str, ...]:
    """The command that starts this Ringfence, by whole path: a client on a desktop has no PATH."""
    script = Path(sys.executable).with_name("ringfence")
    if script.is_file():
        return (str(script), "mcp")
    return (sys.executable, "-m", "ringfence", "mcp")


def plan_place(place: Place, homes: Homes, wish: Wish) -> Plan:
    """Plan what one file needs.

    Raises:
        ConfigurationError: a file cannot be read or is not understood, or leads out of its project.
    """
    form = place.client.form
    project = homes.project if place.scope == "project" else None
    document = Document.read(resolve(place.path, project), form.language)
    servers = document.at(form.path)
    if servers is GONE:
        servers = {}
    if not isinstance(servers, Mapping):
        raise ConfigurationError(f"{document.path}: {'.'.join(form.path)} is no table")
    edits = [Edit((*form.path, wish.name), _own(place.client, servers.get(wish.name), wish))]
    others = {
        name: entry
        for name, entry in servers.items()
        if name != wish.name and not _is_ringfence(entry)
    }
    changes: list[FileChange | None] = []
    moved: dict[str, Any] = {}
    left: dict[str, str] = {}
    if wish.move:
        broker = Document.read(resolve(user_configuration_file(), None), "json")
        moved, left = _movable(place.client, others, broker, wish.only)
        changes.append(
            change_file(
                broker,
                [Edit((*BROKER_TABLE, name), entry) for name, entry in moved.items()],
                BROKER_TABLE,
                private=True,
            )
        )
        edits += [Edit((*form.path, name), GONE) for name in moved]
    changes.append(change_file(document, edits, form.path))
    return Plan(
        place,
        tuple(one for one in changes if one is not None),
        tuple(moved),
        left,
        tuple(name for name in others if name not in moved and name not in left),
    )


def _own(client: Client, there: Any, wish: Wish) -> dict[str, Any]:
    """Ringfence's entry; what its owner added to one that is there stays."""
    program, *arguments = wish.command or launch()
    options = list(wish.options)
    if there is None:
        return own_entry(client.form, program, [*arguments, *options])
    at = _own_arguments(there)
    if at is None:
        raise ConfigurationError(
            f"{client.title} has another server called {wish.name!r}: give this one another name"
        )
    kept = there["args"][at:]
    options = [*kept, *_missing(kept, options)]
    return {**there, **own_entry(client.form, program, [*arguments, *options])}


def _missing(kept: Sequence[str], options: Sequence[str]) -> list[str]:
    """The pairs of option and value that are not there yet."""
    pairs = [tuple(kept[at : at + 2]) for at in range(len(kept))]
    wanted = [tuple(options[at : at + 2]) for at in range(0, len(options), 2)]
    return [word for pair in wanted if pair not in pairs for word in pair]


def _is_ringfence(entry: Any) -> bool:
    """Whether an entry leads to a Ringfence: the broker does not start itself."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("command"), str):
        return False
    arguments = entry.get("args", [])
    if not isinstance(arguments, list):
        return False
    return starts_ringfence(entry["command"], [one for one in arguments if isinstance(one, str)])


def _own_arguments(entry: Any) -> int | None:
    """Where the options begin of an entry that starts a Ringfence, of whichever installation.

    None for another server's.
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("command"), str):
        return None
    arguments = entry.get("args")
    if not isinstance(arguments, list) or not all(isinstance(one, str) for one in arguments):
        return None
    words = [PurePath(entry["command"]).name, *arguments]
    for at, (one, after) in enumerate(itertools.pairwise(words)):
        if PurePath(one).name == "ringfence" and after == "mcp":
            return at + 1
    return None


def _movable(
    client: Client, servers: Mapping[str, Any], broker: Document, only: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(the entries that move, why others stay)."""
    moved: dict[str, Any] = {}
    left: dict[str, str] = {}
    for name in only:
        if name not in servers:
            left[name] = "there is no server of this name"
    for name, entry in servers.items():
        if only and name not in only:
            continue
        if not is_server_name(name):
            left[name] = f"the broker's names are {SERVER_NAME_RULE}"
            continue
        try:
            wanted = for_broker(client.form, entry)
        except NotMovable as error:
            left[name] = str(error)
            continue
        there = broker.at((*BROKER_TABLE, name))
        if there not in (GONE, wanted):
            left[name] = f"the broker has another server of this name, in {broker.path}"
            continue
        moved[name] = wanted
    return moved, left
