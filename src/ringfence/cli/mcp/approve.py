"""``ringfence mcp approve``, ``approvals`` and ``revoke``: what a project may start as you."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ringfence.mcp.broker.configuration import ServerEntry

__all__ = ["approvals", "approve", "revoke"]

_DONE, _NOT_DONE = 0, 1
_MOST_LINES = 40
_MOST_CHARACTERS = 3_000
_BLANKS = re.compile("[ \u00a0\u1680\u2000-\u200a\u2800\u3000\u3164]{9,}")


def approve(
    name: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="Servers of the project's file. [default: asks about each]"
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The project's servers. [default: .mcp.json]"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Approve without asking, of servers that are named.")
    ] = False,
) -> None:
    """Let servers of a project be started, exactly as they are written now.

    What would be started is shown first: program, arguments, folder, environment. After any change
    of it the approval does not hold any more. Servers in your own file need none.

    \b
    Exit status:
      0  all of them are approved
      1  one was not
      2  an option is wrong, there is no such server, or a file is not understood
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.errors import ConfigurationError
        from ringfence.mcp.broker.approvals import Approvals
        from ringfence.mcp.broker.configuration import PROJECT_FILE, read_configuration

        file = Path(PROJECT_FILE if config is None else config)
        found = read_configuration(file, None)
        for warning in found.warnings:
            _say(warning)
        servers = {one.name: one for one in found.servers}
        unknown = [one for one in name or () if one not in servers]
        if unknown or not servers:
            listed = ", ".join(servers) or "none"
            about = f"no server {unknown[0]!r}" if unknown else "no server"
            raise ConfigurationError(f"{file} has {about}; it has {listed}")
        if yes and not name:
            raise ConfigurationError("--yes: name the servers, so that no other is approved")
        if not yes and not sys.stdin.isatty():
            raise ConfigurationError("there is no terminal to ask at; look at it, and say --yes")
        kept = Approvals()
        status = _DONE
        for entry in [servers[one] for one in name] if name else servers.values():
            if kept.holds(entry):
                _say(f"{entry.name} is approved already")
                continue
            lines = _shown(entry)
            if not yes and not _can_be_looked_at(lines):
                _say(
                    f"{entry.name} is not approved: what it starts is too much to be looked at "
                    "here. Read the file, and say --yes; or name a script of yours in it"
                )
                status = _NOT_DONE
                continue
            for line in lines:
                _say(line)
            if yes or _agreed(entry.name):
                kept.add(entry)
                _say(f"{entry.name} is approved")
            else:
                _say(f"{entry.name} is not approved")
                status = _NOT_DONE
    raise typer.Exit(status)


def approvals(
    as_json: Annotated[bool, typer.Option("--json", help="Print lines of JSON.")] = False,
) -> None:
    """List what was approved.

    \b
    Exit status:
      0  listed
      2  the file of approvals cannot be used
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.mcp.broker.approvals import Approvals

        for one in Approvals().all():
            if as_json:
                sys.stdout.write(
                    json.dumps(
                        {
                            "name": one.name,
                            "fingerprint": one.fingerprint,
                            "source": one.source,
                            "shown": one.shown,
                            "approved": one.approved,
                        }
                    )
                    + "\n"
                )
            else:
                _say(
                    f"{one.name}  {one.fingerprint[:12]}  {one.approved}  {one.source}: {one.shown}"
                )


def revoke(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A server, or 12 digits of a fingerprint."),
    ],
) -> None:
    """Take approvals back: of a name, wherever it is. What runs already is not ended.

    \b
    Exit status:
      0  taken back
      1  there was none
      2  the file of approvals cannot be used
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.mcp.broker.approvals import Approvals

        gone = Approvals().remove(name)
        for one in gone:
            _say(f"{one.name} {one.fingerprint[:12]} is not approved any more")
        if not gone:
            _say(f"nothing of that name was approved: {name}")
    raise typer.Exit(_DONE if gone else _NOT_DONE)


def _shown(entry: ServerEntry) -> list[str]:
    """What would be started, as it is written: its references are not looked up."""
    lines = [f"{entry.name}, of {entry.source}:"]
    if entry.transport == "http":
        lines.append(f"  address   {entry.url}")
        lines += [f"  header    {key}: {value}" for key, value in sorted(entry.headers.items())]
    else:
        lines.append(f"  program   {entry.command}")
        lines += [f"  argument  {one}" for one in entry.args]
        lines.append(f"  folder    {entry.cwd}")
        lines += [f"  variable  {key}={value}" for key, value in sorted(entry.env.items())]
    return lines


def _can_be_looked_at(lines: list[str]) -> bool:
    """Whether all of it stays on a screen: the beginning must not scroll away."""
    return len(lines) <= _MOST_LINES and sum(map(len, lines)) <= _MOST_CHARACTERS


def _agreed(name: str) -> bool:
    sys.stdout.write(f"Let it be started as you? Type yes to approve of {name}: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() == "yes"


def _say(text: str) -> None:
    from ringfence.cli.escape import escape_line

    # All of it: what is approved is what was seen. Many blanks would push it out of sight.
    text = _BLANKS.sub(lambda match: f"\\x20*{len(match[0])}", text)
    sys.stdout.write(escape_line(text, longest=len(text)) + "\n")
