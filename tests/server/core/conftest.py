"""One hatchery for all tests, a server for those that change nothing that others see."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.hatchery import Hatchery, Server, hatchery


@pytest.fixture(scope="package")
def hatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    with hatchery(tmp_path_factory.mktemp("hatchery")) as made:
        yield made


@pytest.fixture
def fresh(hatched: Hatchery, tmp_path: Path) -> Callable[..., Server]:
    """Starts a server with a database of this test's own; all of a test share it."""
    hatched.home = tmp_path
    hatched.log = tmp_path / "server.log"
    return hatched.start


@pytest.fixture
def serving(fresh: Callable[..., Server]) -> Iterator[Callable[..., Server]]:
    """The same; those that still run are stopped."""
    started: list[Server] = []

    def start(**settings: str) -> Server:
        server = fresh(**settings)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.running:
            server.stop()
