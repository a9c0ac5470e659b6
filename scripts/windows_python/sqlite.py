"""SQLite as one file of C, which its authors publish, and Debian makes of their sources.

Its own script would find out for a minute what is known.
"""

from __future__ import annotations

from pathlib import Path

from ringfence.images.commands import Commands
from ringfence.images.debian import Apt
from ringfence.images.wasi.toolchain import Toolchain, find_tcl

__all__ = ["FEATURES", "join_sqlite"]

FEATURES = (
    *("-DSQLITE_ENABLE_FTS4", "-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_MATH_FUNCTIONS"),
    *("-DSQLITE_ENABLE_RTREE", "-DSQLITE_OMIT_AUTOINIT"),
)
"""Those of CPython's own build for Windows."""
_QUICKLY = "-O1 -fno-sanitize=undefined"


def join_sqlite(source: Path, apt: Apt, commands: Commands) -> None:
    """Make ``sqlite3.c`` and ``sqlite3.h`` of the sources, in their folder.

    Raises:
        ImageNotBuilt: a step failed, or there is no ``tclsh``.
    """
    work = source.parent
    compiler = Toolchain.at(work / "bin").host_cc
    settings = ["TOP=.", f"BCC={compiler} {_QUICKLY}", "sqlite3.c"]
    commands.run(
        "joining SQLite's sources",
        ["make", "-s", "-f", "Makefile.linux-gcc", *settings],
        folder=source,
        environment=find_tcl(apt, work / "tcl"),
    )
