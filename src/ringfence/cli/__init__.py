"""The command line: ``ringfence run``, ``doctor``, ``engines`` and ``bench``.

It needs the ``cli`` extra (typer and rich). Nothing else in Ringfence does.
"""

from __future__ import annotations

import importlib.util
import sys

from ringfence.cli import exits

__all__ = ["main"]

_NEEDED = ("typer", "rich")


def main() -> None:
    """The ``ringfence`` command; leaves the process with one of :mod:`ringfence.cli.exits`."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"ringfence: the command line needs {' and '.join(missing)}, which this Python does "
            "not have. Get it with: pip install 'ringfence[cli]'\n"
        )
        sys.exit(exits.UNAVAILABLE)
    from ringfence.cli.app import app

    app(prog_name="ringfence")
