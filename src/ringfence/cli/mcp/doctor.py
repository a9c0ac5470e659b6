"""``ringfence mcp doctor``: which servers answer, and what their tools would have cost."""

from __future__ import annotations

import dataclasses
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.mcp.options import Allow, Config, UserConfig

if TYPE_CHECKING:
    from ringfence.mcp.setup.doctor import Findings

__all__ = ["doctor"]

_ALL, _SOME_NOT = 0, 1
_MOST_LEFT_OUT = 20


def doctor(
    config: Config = None,
    user_config: UserConfig = None,
    allow: Allow = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Start the servers behind the broker, and tell which answer and what their tools would cost.

    No tool is called. A project's server that you did not approve is not started. The cost is the
    tokens of all their tools' names, descriptions and schemas, as a client puts them before a
    model; beside it stands what Ringfence's own tools cost instead.

    \b
    Exit status:
      0  all of them answer
      1  one does not; the report says why
      2  an option is wrong, or a file is not understood
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.mcp.broker.configuration import (
            PROJECT_FILE,
            read_configuration,
            user_configuration_file,
        )
        from ringfence.mcp.server.settings import McpSettings
        from ringfence.mcp.setup.doctor import examine

        given = {"config": config, "user_config": user_config, "allow": allow or None}
        settings = McpSettings.read({name: one for name, one in given.items() if one is not None})
        configuration = read_configuration(
            settings.config or Path(PROJECT_FILE),
            settings.user_config or user_configuration_file(),
        )
        findings = examine(configuration, settings)
        if as_json:
            sys.stdout.write(json.dumps(dataclasses.asdict(findings), indent=2) + "\n")
        else:
            _show(findings)
        status = _SOME_NOT if any(one.problem for one in findings.servers) else _ALL
    raise typer.Exit(status)


def _show(findings: Findings) -> None:
    from rich.table import Table
    from rich.text import Text

    from ringfence.cli.escape import escape_line
    from ringfence.cli.tables import make_console

    console = make_console()
    for warning in findings.warnings:
        console.print(Text(escape_line(warning)))
    if not findings.servers:
        console.print(
            "No server is configured. ringfence mcp setup --move puts a client's behind the broker."
        )
    else:
        table = Table("server", "from", "answers", box=None, header_style="bold")
        for heading in ("tools", "may be called", "tokens"):
            table.add_column(heading, justify="right")
        for one in findings.servers:
            if one.problem is None:
                figures = [f"{figure:,}" for figure in (one.tools, one.allowed, one.tokens)]
                table.add_row(one.name, one.origin, Text("yes", "green"), *figures)
            else:
                table.add_row(one.name, one.origin, Text("no", "bold red"))
        console.print(table)
        for one in findings.servers:
            if one.problem is not None:
                console.print(Text(f"{one.name}: {escape_line(one.problem)}"))
            for tool, reason in itertools.islice(one.left_out.items(), _MOST_LEFT_OUT):
                console.print(
                    Text(f"{one.name}: {escape_line(tool)} is left out: {escape_line(reason)}")
                )
    count = sum(one.tools for one in findings.servers)
    console.print(
        Text(
            f"\n{count:,} tools before a model: {findings.tokens:,} tokens. Ringfence's own tools "
            f"instead: {findings.own:,}.\nTokens by {findings.tokenizer}."
        )
    )
