"""One service for all that asks it and changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.operations.published import write_plugin
from tests.server.process import ServiceProcess, service


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="package")
def plain(home: Path) -> Iterator[ServiceProcess]:
    """Small bounds, so that they are reached: a body of 256 KiB, 40 connections."""
    folder = write_plugin(home)
    with service(
        home,
        request_bytes="262144",
        bodies_bytes="524288",
        body_seconds="0.5",
        head_seconds="0.5",
        names="sandbox.example",
        origins="https://app.example",
        plugins=str(folder),
        plugin_specs="terrain_spec:Terrain",
        connections="40",
        packages="numpy",
    ) as running:
        yield running
