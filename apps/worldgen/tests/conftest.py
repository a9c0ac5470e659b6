"""One workshop for all tests, with the plugins that come with it published through the real flow."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ringfence.plugins import QuarantineRule
from worldgen.atlas import Atlas
from worldgen.catalogue import Catalogue
from worldgen.generation import LIMITS
from worldgen.web import Server


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    found = Catalogue.open(tmp_path_factory.mktemp("workshop") / "workshop", engine="native")
    yield found
    found.close()


@pytest.fixture(scope="session")
def atlas(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atlas]:
    found = Atlas(
        tmp_path_factory.mktemp("atlas"),
        catalogue,
        engine="native",
        limits=LIMITS.replace(cpu=2),
        quarantine=QuarantineRule(wait=3600, longest=3600),
    )
    yield found
    found.close()


@pytest.fixture(scope="session")
def server(atlas: Atlas) -> Iterator[Server]:
    found, ready = Server(atlas), threading.Event()
    thread = threading.Thread(target=found.serve, args=(ready.set,))
    thread.start()
    ready.wait()
    yield found
    found.stop()
    thread.join()


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """What a page of ours would send."""
    origin = "/".join(server.url.split("/")[:3])
    with httpx.Client(
        base_url=server.url, headers={"origin": origin}, timeout=60, trust_env=False
    ) as found:
        yield found


@pytest.fixture(scope="session", autouse=True)
def out() -> Path:
    folder = Path(__file__).resolve().parents[3] / "tests" / "out"
    folder.mkdir(exist_ok=True)
    return folder
