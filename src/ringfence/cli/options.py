"""Options that several commands share: what a guest is given, and what bounds it."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = [
    "Cpu",
    "Disk",
    "DisplaysFolder",
    "Engines",
    "GivenFiles",
    "Memory",
    "OtherLimits",
    "Packages",
    "Python",
    "Readable",
    "Threads",
    "Timeout",
    "Walls",
]

Engines = Annotated[
    list[str] | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="An engine; again for more, tried in order. [default: auto]",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory beyond the warm image. [default: 256MiB]"),
]
Timeout = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Time that the program may take. [default: 30]"),
]
Cpu = Annotated[float | None, typer.Option(metavar="SECONDS", help="CPU time. [default: 30]")]
Threads = Annotated[
    int | None, typer.Option(metavar="N", help="Threads beside the main one. [default: 8]")
]
Disk = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE", help="Scratch files, within --memory; 0 is none. [default: 64MiB]"
    ),
]
OtherLimits = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="Any limit by its name, such as output=10MiB or files=20.",
    ),
]
Packages = Annotated[
    list[str] | None,
    typer.Option(
        "--package",
        metavar="NAME",
        help="Make an installed package importable, with what it requires, or a wheel of pure "
        "Python by its path; again for more.",
    ),
]
Readable = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="PATH",
        help="Show a host path to the guest, read-only; again for more.",
    ),
]
GivenFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        metavar="[NAME=]PATH",
        help="Copy a file into the guest's working folder; again for more.",
    ),
]
Python = Annotated[
    str | None,
    typer.Option(metavar="PATH", help="Another CPython, 3.11 to 3.14, to run the guest with."),
]
Walls = Annotated[
    list[str] | None,
    typer.Option(
        "--walls",
        metavar="WALL+WALL…",
        help="A set of walls to accept, such as landlock+seccomp; again for more, strongest "
        "first. Without it only the full set will do.",
    ),
]
DisplaysFolder = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Keep what the guest displays (plots, tables) as files, and in a page that shows "
        "them without running anything of the guest's: index.html.",
    ),
]
