"""Databases on a PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from scripts.postgresql import programs
from tests.support.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server; skipped where there is none, unless ``RINGFENCE_REQUIRE_POSTGRESQL`` is set."""
    if programs() is None:
        reason = "no PostgreSQL server is installed (as root: apt-get install postgresql)"
        if os.environ.get("RINGFENCE_REQUIRE_POSTGRESQL"):
            pytest.fail(reason)
        pytest.skip(reason)
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def empty(postgresql: PostgreSQL) -> list[str]:
    """Databases with nothing in them; making one for each test would take a minute in all."""
    return []


@pytest.fixture
def new_address(postgresql: PostgreSQL, empty: list[str]) -> Iterator[Callable[[], str]]:
    """Addresses of databases with nothing in them, which are emptied again after the test."""
    used: list[str] = []

    def take() -> str:
        used.append(empty.pop() if empty else postgresql.new_database())
        return used[-1]

    yield take
    for address in used:
        _empty(address)
        empty.append(address)


def _empty(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        name = connection.info.dbname
        connection.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(name)))


@pytest.fixture
def address(new_address: Callable[[], str]) -> str:
    return new_address()
