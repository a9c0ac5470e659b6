"""What stands beside a sandbox: plain processes, and bubblewrap where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["PYTHON", "Missing", "bubblewrap", "expect_two", "run_python", "start_bare"]

PYTHON = os.path.realpath(sys.executable)
"""The interpreter that guests run: the real executable, not a virtual environment's link to it."""


@dataclass(frozen=True)
class Missing:
    """A peer that cannot be measured here, and why."""

    reason: str


def start_bare() -> None:
    """A process that does nothing: ``python -I -S -c pass``, by the cheapest way to start one."""
    pid = os.posix_spawn(PYTHON, [PYTHON, "-I", "-S", "-c", "pass"], {})
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError(f"{PYTHON} ended with wait status {status}")


def expect_two(command: list[str]) -> None:
    """Run a command that prints 2; anything else would be no measurement."""
    done = subprocess.run(command, check=True, capture_output=True)
    if done.stdout != b"2\n":
        raise RuntimeError(f"{command[0]} answered {done.stdout!r}")


def run_python() -> None:
    """The standard library's way: a process that prints a result. No isolation at all."""
    expect_two([PYTHON, "-I", "-S", "-c", "print(1+1)"])


def bubblewrap(code: str, *, numpy: bool) -> Callable[[], None] | Missing:
    """Python in bubblewrap: all namespaces, a read-only view of the interpreter and libraries."""
    found = shutil.which("bwrap")
    if found is None:
        return Missing("bubblewrap is not installed")
    command = [
        found,
        "--unshare-all",
        "--die-with-parent",
        "--clearenv",
        *("--tmpfs", "/tmp"),  # noqa: S108 - its own; what is needed from below it is bound later
        *("--ro-bind", "/usr", "/usr"),
    ]
    folders = ["/lib", "/lib64", sys.base_prefix, *([sys.prefix] if numpy else [])]
    for folder in dict.fromkeys(folders):
        command += ["--ro-bind-try", folder, folder]
    command += ["--proc", "/proc", "--dev", "/dev"]
    command += [sys.executable, "-I"] if numpy else [PYTHON, "-I", "-S"]
    command += ["-c", code]
    try:
        expect_two(command)
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = told[-1].rpartition(": ")[2]  # without the path before it
        return Missing(f"bubblewrap does not work here: {reason}")
    return lambda: expect_two(command)
