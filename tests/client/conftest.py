"""A service for clients, and both of these."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.facades import close_client, make_client
from tests.server.operations.published import write_plugin
from tests.server.process import ServiceProcess, service


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """One that everybody may ask."""
    home = tmp_path_factory.mktemp("service")
    with service(
        home,
        engine="native",
        packages="numpy",
        plugins=str(write_plugin(home)),
        plugin_specs="terrain_spec:Terrain",
        log_level="warning",
    ) as one:
        yield one


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> str:
    """Which client."""
    return str(request.param)


@pytest.fixture
def client(running: ServiceProcess, face: str) -> Iterator[Any]:
    """A client of the service."""
    one = make_client(face, running.url)
    yield one
    close_client(one)
