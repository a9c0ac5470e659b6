from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def new_address(tmp_path: Path) -> Callable[[], str]:
    """Addresses of databases with nothing in them: files of SQLite's. The same tests run with a
    PostgreSQL server in tests/server/postgresql.
    """
    numbers = iter(range(100))
    return lambda: f"sqlite:///{tmp_path}/service-{next(numbers)}.db"


@pytest.fixture
def address(new_address: Callable[[], str]) -> str:
    return new_address()
