"""``ringfence mcp wrappers``: the tools' wrappers as files, for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.mcp.options import Allow, Config, UserConfig

__all__ = ["wrappers"]

_ALL, _SOME_NOT = 0, 1


def wrappers(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where the package is written.")
    ],
    config: Config = None,
    user_config: UserConfig = None,
    allow: Allow = None,
) -> None:
    """Write the package mcp_tools into DIR, as guests import it, with stubs for editors.

    The servers are started and asked for their tools; no tool is called. Only tools that the
    operator's list allows are written. Files of an earlier time are replaced, those of servers that
    are gone are removed, and nothing else in DIR is touched.

    \b
    Exit status:
      0  all of them answered
      1  one did not; the report says why
      2  an option is wrong, a file is not understood, or DIR cannot be written
    """
    from ringfence.cli.escape import escape_line
    from ringfence.cli.report import reporting

    with reporting():
        import asyncio

        from ringfence.mcp.broker.broker import Broker
        from ringfence.mcp.broker.calls import RunIdentity
        from ringfence.mcp.broker.catalog import ToolInfo
        from ringfence.mcp.broker.configuration import (
            PROJECT_FILE,
            read_configuration,
            user_configuration_file,
        )
        from ringfence.mcp.broker.rules import ToolRules
        from ringfence.mcp.recording import Unrecorded
        from ringfence.mcp.server.settings import McpSettings
        from ringfence.mcp.wrappers import write_wrappers

        given = {"config": config, "user_config": user_config, "allow": allow or None}
        settings = McpSettings.read({name: one for name, one in given.items() if one is not None})
        configuration = read_configuration(
            settings.config or Path(PROJECT_FILE),
            settings.user_config or user_configuration_file(),
        )

        async def ask() -> tuple[list[ToolInfo], dict[str, str]]:
            rules = ToolRules(settings.allow)
            async with Broker(
                configuration.servers, rules, approve=None, recorder=Unrecorded()
            ) as broker:
                tools = await broker.view(RunIdentity("wrappers", None, "wrappers")).tools()
                return tools, dict(broker.reports)

        tools, problems = asyncio.run(ask())
        written = write_wrappers(tools, output)
        for warning in configuration.warnings:
            sys.stderr.write(f"{escape_line(warning)}\n")
        for name, problem in problems.items():
            sys.stderr.write(f"{name}: {escape_line(problem)}\n")
        servers = len({tool.server for tool in tools})
        sys.stdout.write(
            f"{len(tools)} tools of {servers} servers: {len(written)} files in "
            f"{escape_line(str(output))}\n"
        )
        if not tools and configuration.servers:
            sys.stderr.write("No tool is allowed; --allow PATTERN puts some on the list.\n")
    raise typer.Exit(_SOME_NOT if problems else _ALL)
