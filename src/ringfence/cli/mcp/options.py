"""Which servers: the options of the commands that ask them and run nothing."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Allow", "Config", "UserConfig"]

Config = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The project's servers. [default: .mcp.json, if it is here]"),
]
UserConfig = Annotated[
    str | None,
    typer.Option(
        "--user-config",
        metavar="FILE",
        help="Your own servers. [default: ringfence/mcp.json in your configuration folder]",
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="As for `ringfence mcp`. May be repeated."),
]
