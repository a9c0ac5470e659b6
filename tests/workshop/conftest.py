"""A workshop of two releases, made once and copied; and a clock that a test sets."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.workshop.signing import Client, Fetch, Repository
from tests.workshop.bundles import make_bundle

__all__ = ["MEMORY", "Clock", "Shop"]

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files are in memory: a thousand fsync(2) take ten seconds on a disk."""

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Shop:
    """A repository, where its keys of root are, and what clients of it need."""

    folder: Path
    repository: Repository
    clock: Clock
    first_root: bytes

    @property
    def offline(self) -> Path:
        return self.folder / "root-keys"

    def client(
        self,
        name: str = "client",
        *,
        fetch: Fetch | None = None,
        root: bytes | None = None,
    ) -> Client:
        return Client(
            self.folder / name,
            root=root or self.first_root,
            fetch=fetch or self.repository.serve,
            clock=self.clock,
        )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """hills 1.0.0 and 1.1.0; the second asks for NumPy and a grant."""
    folder = tmp_path_factory.mktemp("workshop")
    repository = Repository.create(folder / "repo", offline=folder / "root-keys", clock=Clock())
    repository.publish(make_bundle())
    repository.publish(make_bundle("1.1.0", packages=["numpy"], grants=["palette"]))
    return folder


@pytest.fixture
def shop(template: Path) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="workshop-") as name:
        folder = Path(name)
        shutil.copytree(template, folder, dirs_exist_ok=True)
        clock = Clock()
        repository = Repository.open(folder / "repo", clock=clock)
        yield Shop(folder, repository, clock, repository.metadata_file("1.root.json"))
