"""Services that lend guests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.process import ServiceProcess, service


@pytest.fixture(scope="package")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """One that lends what it may; nobody needs a key."""
    with service(
        tmp_path_factory.mktemp("lender"),
        engine="native",
        engines="native",
        packages="numpy",
        pool_size="0",
        log_level="warning",
    ) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for a service of a test's own."""
    return tmp_path
