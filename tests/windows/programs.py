"""Programs that tests start: another host, or a process that does one thing."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["read_line", "start"]


def start(source: str, *options: str) -> subprocess.Popen[str]:
    """Start a program of this interpreter's; what it prints is read with :func:`read_line`."""
    return subprocess.Popen(
        [sys.executable, *options, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read_line(program: subprocess.Popen[str]) -> str:
    """The next line that it prints."""
    assert program.stdout is not None
    return program.stdout.readline().strip()
