"""The command line: ``ringfence run``, ``repl``, ``doctor``, ``engines`` and ``bench``.

It needs the ``cli`` extra (typer, rich and prompt_toolkit). Nothing else in Ringfence does.
"""

from __future__ import annotations

import importlib.util
import sys

from ringfence.cli import exits

__all__ = ["main"]

_NEEDED = ("typer", "rich", "prompt_toolkit")
_NOT_FOR_WINDOWS = frozenset({"serve", "keys", "tenants", "audit", "mcp", "workshop", "bench"})


def main() -> None:
    """The ``ringfence`` command; leaves the process with one of :mod:`ringfence.cli.exits`."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"ringfence: the command line needs {', '.join(missing)}, which this Python does "
            "not have. Get it with: pip install 'ringfence[cli]'\n"
        )
        sys.exit(exits.UNAVAILABLE)
    if sys.platform == "win32" and sys.argv[1:2] and sys.argv[1] in _NOT_FOR_WINDOWS:
        sys.stderr.write(
            f"ringfence: {sys.argv[1]} is not for Windows, where there are sandboxes, plugins and "
            "clients of a service. Use it on Linux, for instance in WSL 2 (wsl --install)\n"
        )
        sys.exit(exits.UNAVAILABLE)
    from ringfence.cli.app import app

    app(prog_name="ringfence")
