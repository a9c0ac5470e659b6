"""What stands beside Ringfence: plain processes, bubblewrap, and Monty from PyPI."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = [
    "NUMPY_CODE",
    "PEER_FOLDER",
    "PYTHON",
    "Missing",
    "Monty",
    "Session",
    "bubblewrap",
    "expect_two",
    "monty",
    "run_python",
    "run_python_numpy",
    "start_bare",
]

PYTHON = os.path.realpath(sys.executable)
"""The interpreter that guests run: the real executable, not a virtual environment's link to it."""

PEER_FOLDER = Path(__file__).resolve().parent / "out" / ".peers"
"""Where scripts/bench_peers.py puts peers from PyPI: not in .venv, which holds the locks' only;
hidden, so that type checkers do not walk it."""

_MANY = 10_000_000

NUMPY_CODE = "import numpy; print(1+1)"


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


def run_python_numpy() -> None:
    """The same with NumPy; it needs the environment that has it."""
    expect_two([sys.executable, "-I", "-c", NUMPY_CODE])


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


class Session(Protocol):
    """The one method of a Monty session that is used here."""

    def feed_run(self, code: str, *, external_lookup: dict[str, Any] | None = None) -> Any:
        """Run ``code``; the value of its last expression."""
        ...


class Monty:
    """Pydantic's Monty: a Python subset, its own interpreter, in workers that it keeps warm."""

    def __init__(self, pool: Any, version: str) -> None:
        self._pool = pool
        self.version = version

    def fresh(self) -> None:
        """A session of a warm worker, to its first result."""
        with self._pool.checkout() as session:
            if session.feed_run("1+1") != 2:
                raise RuntimeError("monty answered something else than 2")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that stays; its host calls are not counted against it."""
        with self._pool.checkout(limits={"max_suspensions": _MANY}) as session:
            yield session


@contextmanager
def monty() -> Iterator[Monty | Missing]:
    """Monty with a running pool, if it is installed."""
    if PEER_FOLDER.is_dir() and str(PEER_FOLDER) not in sys.path:
        sys.path.append(str(PEER_FOLDER))  # last: it brings its own typing_extensions
    try:
        module = importlib.import_module("pydantic_monty")
    except ImportError as error:
        yield Missing(f"pydantic-monty is not installed ({error}): scripts/bench_peers.py gets it")
        return
    binary = PEER_FOLDER / "bin" / "monty"
    with module.Monty(binary_path=binary if binary.exists() else None) as pool:
        yield Monty(pool, module.__version__)
