from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app
from tests.server.hatchery import Hatchery, Server, hatchery

Operate = Callable[..., str]


@pytest.fixture(scope="package")
def hatched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hatchery]:
    with hatchery(tmp_path_factory.mktemp("hatchery")) as made:
        yield made


@pytest.fixture
def serve(hatched: Hatchery, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server on this test's own database; one that still runs is stopped at the end."""
    hatched.home = tmp_path
    hatched.log = tmp_path / "server.log"
    started: list[Server] = []

    def start(**settings: str) -> Server:
        started.append(hatched.start(**settings))
        return started[-1]

    yield start
    for server in started:
        if server.running:
            server.stop()


@pytest.fixture
def operate(tmp_path: Path) -> Operate:
    """What an operator does beside it: a command of ``ringfence``, and what it prints."""

    def command(*arguments: str) -> str:
        database = f"sqlite:///{tmp_path / 'service.db'}"
        done = CliRunner().invoke(app, [*arguments, "--database", database])
        assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
        return done.stdout.strip()

    return command


def bearer(key: str) -> dict[str, str]:
    """The header that a key is asked for in."""
    assert re.fullmatch(r"rfk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", key)
    return {"Authorization": f"Bearer {key}"}
