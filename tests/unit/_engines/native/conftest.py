"""Interpreters to try, packages to find, and empty roots to try them in."""

import os
from pathlib import Path

import pytest

from ringfence._engines.native.interpreter import Interpreter, describe_interpreter
from ringfence.errors import InterpreterNotUsable
from tests.unit._engines.native import empty_root
from tests.unit._engines.native.installed import Site

RUNNING = "running"
# More of them: paths in RINGFENCE_TEST_PYTHONS, separated by colons.
CANDIDATES = [
    RUNNING,
    "/usr/bin/python3",
    "python3.12",
    "python3.13",
    "python3.14",
    *filter(None, os.environ.get("RINGFENCE_TEST_PYTHONS", "").split(":")),
]


@pytest.fixture(params=CANDIDATES)
def interpreter(request: pytest.FixtureRequest) -> Interpreter:
    """Every interpreter that this machine has."""
    try:
        return describe_interpreter(None if request.param == RUNNING else request.param)
    except InterpreterNotUsable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def _empty_roots(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    return empty_root.unavailable(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def empty(tmp_path: Path, _empty_roots: str | None) -> Path:
    """A directory in which `empty_root` can build a tree."""
    if _empty_roots is not None:
        pytest.skip(f"no mount namespace here: {_empty_roots}")
    return tmp_path / "empty-root"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty directory of packages."""
    return Site(tmp_path / "site")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project with things that no guest may see."""
    project = tmp_path / "project"
    for name in ("demo/__init__.py", "src/inner/__init__.py", "src/single.py", "tests/__init__.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    (project / ".env").write_text("PASSWORD=secret")
    return project
