"""``ringfence mcp setup``: what a client's file says of Ringfence, shown, asked about, written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ringfence.mcp.setup.changes import FileChange
    from ringfence.mcp.setup.journal import Journal
    from ringfence.mcp.setup.planning import Plan, Wish

__all__ = ["setup"]

_DONE, _NOT_WRITTEN = 0, 1


def setup(
    client: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="claude-desktop, claude-code, cursor, vscode, windsurf, cline, gemini-cli, codex "
            "or zed. May be repeated. [default: all that are found]",
        ),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER", help="Set up this project's files instead of those of the user."
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Let guests call these tools, as for `ringfence mcp`: SERVER, or SERVER.TOOL. May "
            "be repeated. [default: none]",
        ),
    ] = None,
    move: Annotated[
        bool,
        typer.Option(
            "--move", help="Move the client's other servers behind the broker of Ringfence."
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVER", help="Move only this one. May be repeated."),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="What the client is to call it.")
    ] = "ringfence",
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back what was written last (of --client).")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
) -> None:
    """Tell clients of MCP about Ringfence: shows each change, and writes it if you agree.

    A client's file is changed in one step, and only in the lines that are shown; a copy of it as it
    was is kept. Nothing is moved away without --move. Secrets are not shown. What was written
    already is not written again.

    \b
    Exit status:
      0  all is as asked for
      1  there is more to be written, and nobody agreed to it
      2  an option is wrong, or a file is not understood
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.errors import ConfigurationError
        from ringfence.mcp.setup.journal import Journal
        from ringfence.mcp.setup.planning import Wish

        if only and not move:
            raise ConfigurationError("--only says what to move: add --move")
        if move and project is not None:
            raise ConfigurationError(
                "--move is for your own servers: what a project starts is approved one by one. The "
                "broker reads its .mcp.json; see ringfence mcp approve"
            )
        journal = Journal.of_user()
        if undo:
            status = _undo(journal, client or (), yes)
        else:
            options = tuple(word for pattern in allow or () for word in ("--allow", pattern))
            wish = Wish(name=name, options=options, move=move, only=tuple(only or ()))
            status = _set_up(journal, client or (), project, wish, yes)
    raise typer.Exit(status)


def _set_up(
    journal: Journal,
    names: Sequence[str],
    project: str | None,
    wish: Wish,
    yes: bool,
) -> int:
    from ringfence.errors import ConfigurationError
    from ringfence.mcp.setup.clients import CLIENTS, Homes, find_clients
    from ringfence.mcp.setup.journal import carry_out, check
    from ringfence.mcp.setup.planning import plan_place

    folder = None if project is None else Path(project).absolute()
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(f"--project: there is no folder {project!r}")
    homes = Homes.here(folder)
    scope = "user" if folder is None else "project"
    clients = list(CLIENTS) if folder is not None and not names else find_clients(names, homes)
    places = [place for one in clients for place in one.places(homes) if place.scope == scope]
    if not names:  # in a project, files that nobody named are changed, and none is made
        places = [one for one in places if scope == "user" or one.path.exists()]
    if not places:
        _say("No client was found. Name one: --client NAME makes its file.")
        return _NOT_WRITTEN
    status = _DONE
    for place in places:
        plan = plan_place(place, homes, wish)
        _say("")
        _say(f"{place.client.title}: {place.path}")
        _show(plan, wish.move)
        if not plan.changes:
            _say("  It is set up already.")
            continue
        _show_diff(plan.changes)
        if not _agreed(f"Write this for {place.client.title}?", yes):
            _say("  Not written.")
            status = _NOT_WRITTEN
            continue
        check(plan.changes)
        step = journal.add(place.client.name, plan.changes)
        carry_out(plan.changes)
        for written in step.files:
            _say(f"  Written: {written.path}")
            if written.backup is not None:
                _say(f"    as it was: {written.backup}")
        if plan.moved and not wish.options:
            _say(
                "  Guests may call none of the moved servers' tools yet: --allow SERVER lets them."
            )
        _say(f"  For {place.client.title} to see it: {place.client.restart}.")
    return status


def _undo(journal: Journal, names: Sequence[str], yes: bool) -> int:
    from ringfence.mcp.setup.journal import carry_out

    steps = [one for one in journal.steps() if not names or one.client in names]
    if not steps:
        _say("There is nothing to take back.")
        return _DONE
    step = steps[-1]
    changes, kept = journal.plan_back(step)
    _say("")
    _say(f"What was written last, for {step.client}:")
    for line in kept:
        _say(f"  {line}")
    _show_diff(changes)
    if changes and not _agreed("Take it back?", yes):
        _say("  Nothing was changed.")
        return _NOT_WRITTEN
    carry_out(changes)
    journal.drop(step)
    _say("  Taken back.")
    return _DONE


def _show(plan: Plan, move: bool) -> None:
    for server in plan.moved:
        _say(f"  {server} goes behind the broker.")
    for server, reason in (plan.left or {}).items():
        _say(f"  {server} stays: {reason}.")
    if plan.beside and not move:
        _say(
            f"  It has {len(plan.beside)} more: {', '.join(plan.beside)}. They stay as they are; "
            "--move puts them behind the broker."
        )


def _show_diff(changes: Sequence[FileChange]) -> None:
    colours = sys.stdout.isatty()
    for change in changes:
        for line in change.diff():
            painted = {"+": "\x1b[32m", "-": "\x1b[31m"}.get(line[:1], "") if colours else ""
            _say(f"  {line}", painted)


def _agreed(question: str, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        _say("  Nobody can be asked here: --yes writes it.")
        return False
    return typer.confirm(question, default=False)


def _say(text: str, painted: str = "") -> None:
    """A line, and one line: names in it are other people's."""
    from ringfence.cli.escape import escape_line

    shown = escape_line(text, longest=len(text))  # all of it: it is consented to
    sys.stdout.write(f"{painted}{shown}{painted and chr(27) + '[0m'}\n")
    sys.stdout.flush()
