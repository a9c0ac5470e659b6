"""What stands beside Ringfence: plain processes, bubblewrap, and packages from PyPI."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ringfence.cli.bench.peers import (
    PYTHON,
    Missing,
    bubblewrap,
    expect_two,
    run_python,
    start_bare,
)

__all__ = [
    "NUMPY_CODE",
    "PEER_FOLDER",
    "PYTHON",
    "Missing",
    "Monty",
    "Session",
    "bubblewrap",
    "expect_two",
    "from_pypi",
    "monty",
    "run_python",
    "run_python_numpy",
    "start_bare",
]

PEER_FOLDER = Path(__file__).resolve().parent / "out" / ".peers"
"""Where scripts/bench_peers.py puts peers from PyPI: not in .venv, which holds the locks' only;
hidden, so that type checkers do not walk it."""

_MANY = 10_000_000

NUMPY_CODE = "import numpy; print(1+1)"


def run_python_numpy() -> None:
    """The same with NumPy; it needs the environment that has it."""
    expect_two([sys.executable, "-I", "-c", NUMPY_CODE])


class Session(Protocol):
    """The one method of a Monty session that is used here."""

    def feed_run(
        self,
        code: str,
        *,
        inputs: dict[str, Any] | None = None,
        external_lookup: dict[str, Any] | None = None,
    ) -> Any:
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


def from_pypi(module: str) -> Any:
    """A module of a peer that scripts/bench_peers.py has installed; ``Missing`` if it has not."""
    if PEER_FOLDER.is_dir() and str(PEER_FOLDER) not in sys.path:
        sys.path.append(str(PEER_FOLDER))  # last: peers bring their own typing_extensions
    try:
        return importlib.import_module(module)
    except ImportError as error:
        return Missing(f"{module} is not installed ({error}): scripts/bench_peers.py gets it")


@contextmanager
def monty() -> Iterator[Monty | Missing]:
    """Monty with a running pool, if it is installed."""
    module = from_pypi("pydantic_monty")
    if isinstance(module, Missing):
        yield module
        return
    binary = PEER_FOLDER / "bin" / "monty"
    with module.Monty(binary_path=binary if binary.exists() else None) as pool:
        yield Monty(pool, module.__version__)
