"""Databases of both kinds, repositories that were made once, and a workshop of two accounts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.workshop import Rules
from ringfence.workshop.members import Members
from ringfence.workshop.signing import Repository
from ringfence.workshop.store import Store
from scripts.postgresql import programs
from tests.support.postgresql import PostgreSQL
from tests.workshop.service.scenes import House, Rows, people, read_all, write_all


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


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it, of both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/workshop.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An open database of both kinds, for all tests that need no other."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('store')}/workshop.db"
    else:
        address = request.getfixturevalue("postgresql").new_database()
    store = Store.open(address)
    people(Members(store, Rules()))
    yield store
    store.close()


@pytest.fixture(scope="session")
def beginning(store: Store) -> Rows:
    """What is in it before any test."""
    return read_all(store)


@pytest.fixture
def database(store: Store, beginning: Rows) -> Store:
    """The same, with nothing in it but four accounts: ada and eve publish, rob reviews, opal
    operates.
    """
    write_all(store, beginning)
    return store


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("service") / "repository"
    Repository.create(folder)
    return folder


@pytest.fixture
def repository(repository_template: Path, tmp_path: Path) -> Repository:
    """A repository with no release, and keys of its own."""
    shutil.copytree(repository_template, tmp_path / "repository")
    return Repository.open(tmp_path / "repository")


@pytest.fixture
def house(database: Store, repository: Repository) -> Iterator[House]:
    """A workshop that reviews everything."""
    with House(database, repository, Rules()) as made:
        yield made
