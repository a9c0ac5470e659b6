"""``ringfence mcp``: the MCP server."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ringfence.cli.mcp.approve import approvals, approve, revoke
from ringfence.cli.mcp.doctor import doctor
from ringfence.cli.mcp.setup import setup
from ringfence.cli.mcp.wrappers import wrappers
from ringfence.cli.report import complain, reporting
from ringfence.cli.serve.command import with_service

__all__ = ["mcp_app"]

mcp_app = typer.Typer(
    help="Serve MCP: run Python for agents, with other MCP servers' tools inside the sandbox. "
    "Without a subcommand it serves standard input and output.",
    rich_markup_mode=None,
)
for one in (setup, doctor, approve, approvals, revoke, wrappers):
    mcp_app.command()(one)

Http = Annotated[
    str | None,
    typer.Option("--http", metavar="HOST:PORT", help="Serve streamable HTTP there, not stdio."),
]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The project's servers. [default: .mcp.json]"),
]
UserConfig = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Your servers. [default: mcp.json of your configuration]"),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Tools that guests may call: SERVER (all that are not destructive), SERVER.TOOL; * is "
        "any text. May be repeated. [default: none]",
    ),
]
Approved = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN", help="Destructive tools that need no approval. May be repeated."
    ),
]
Engine = Annotated[
    str | None, typer.Option(metavar="NAME", help="auto, native or wasi. [default: auto]")
]
Package = Annotated[
    list[str] | None,
    typer.Option(
        "--packages", metavar="NAME", help="A package that runs may ask for. May be repeated."
    ),
]
StoreAddress = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="The audit log and the keys: sqlite:///PATH, postgresql://USER@HOST/NAME or none. "
        "[default: the service's file]",
    ),
]
NoTools = Annotated[bool, typer.Option("--no-tools", help="Start no other servers.")]
Sampling = Annotated[
    str | None,
    typer.Option(metavar="WHO", help="Who answers llm.ask: off, client or model. [default: off]"),
]
MaxSessions = Annotated[
    int | None, typer.Option(metavar="N", help="Sessions of one client. [default: 8]")
]
Level = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL", help="The weakest walls: full, landlock or seccomp. [default: full]"
    ),
]


@mcp_app.callback(invoke_without_command=True)
@mcp_app.command("serve")
def serve(
    context: typer.Context,
    http: Http = None,
    config: Config = None,
    user_config: UserConfig = None,
    allow: Allow = None,
    approved: Approved = None,
    engine: Engine = None,
    packages: Package = None,
    store: StoreAddress = None,
    no_tools: NoTools = False,
    sampling: Sampling = None,
    max_sessions: MaxSessions = None,
    level: Level = None,
) -> None:
    """Serve MCP: run Python for agents, with other MCP servers' tools inside the sandbox.

    Without a subcommand it serves standard input and output, which is how clients start it;
    `serve` does the same. With --http it asks for an API key: ringfence keys create.

    \b
    Exit status:
      0  stopped
      2  an option or a file is wrong, or there is no key for a public address
      6  the port is taken, or the database does not answer
    """
    given: dict[str, Any] = {
        "config": config,
        "user_config": user_config,
        "allow": allow,
        "approved": approved,
        "engine": engine,
        "packages": packages,
        "store": store,
        "tools": False if no_tools else None,
        "sampling": sampling,
        "max_sessions": max_sessions,
        "level": level,
    }
    given = {key: one for key, one in given.items() if one is not None}
    if context.invoked_subcommand is None:
        _serve(http, given)
    elif given or http is not None:
        with reporting():
            from ringfence.errors import ConfigurationError

            raise ConfigurationError(
                f"options of {context.invoked_subcommand} come after it: ringfence mcp "
                f"{context.invoked_subcommand} …"
            )


def _serve(http: str | None, given: dict[str, Any]) -> None:
    with _with_sdk():
        from ringfence.mcp.broker.selves import refuse_if_nested
        from ringfence.mcp.server.settings import McpSettings

        refuse_if_nested()

        settings = McpSettings.read(given)
        wire = None
        if http is None:
            from ringfence.mcp.server.wire import claimed

            wire = claimed()  # before anything else is imported that could print
        from ringfence.mcp.server.preparing import prepared

        with prepared(settings) as found:
            if wire is None:
                with _collecting_later():
                    from ringfence.mcp.server.http import HttpServer
                HttpServer(found, http or "").serve(_say)
                return
            with _collecting_later():
                from ringfence.mcp.server.stdio import serve_stdio
            serve_stdio(found, wire, _say)


@contextlib.contextmanager
def _collecting_later() -> Iterator[None]:
    """Without the garbage collector: what is imported here stays, and looking at it takes time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _say(text: str) -> None:
    complain(text, "mcp")


@contextlib.contextmanager
def _with_sdk() -> Iterator[None]:
    from ringfence.errors import ConfigurationError

    with with_service():
        try:
            yield
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in ("mcp", "mcp_types"):
                raise
            raise ConfigurationError(
                "the MCP server needs the SDK, which this Python does not have. Get it with: "
                "pip install 'ringfence[mcp]'"
            ) from None
