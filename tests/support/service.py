"""The service whose guests face the suites of engines, as the engine ``remote``."""

from __future__ import annotations

import atexit
import os
import re
import signal
import tempfile
from functools import cache
from pathlib import Path

from ringfence.model import Result
from tests.server.process import ServiceProcess

__all__ = ["REMOTE", "service_for_guests", "standing_engine"]

REMOTE = "remote"

_SETTINGS = {
    "guests": "1000",
    "guests_per_tenant": "1000",
    "quota_concurrent": "1000",
    "quota_per_minute": "100000000",
    "packages": "numpy,pandas,matplotlib,scipy,pydantic",
    "pool_size": "0",
    "limit_memory": "4GiB",
    "limit_cpu": "3600",
    "limit_threads": "64",
    "limit_wall": "3600",
    "limit_files": "100000",
    "log_level": "warning",
}
"""It lends as much as the suites ask for, which ask for more than an operator would lend."""


@cache
def service_for_guests() -> str:
    """Its address. It is started once, and ends with this process.

    Its engine is ``native``, unless ``RINGFENCE_TEST_REMOTE`` names another.
    """
    home = tempfile.TemporaryDirectory(prefix="ringfence-service-")
    engine = os.environ.get("RINGFENCE_TEST_REMOTE", "native")
    service = ServiceProcess(Path(home.name), engine=engine, **_SETTINGS)

    def end() -> None:
        service.stop(signal.SIGTERM)
        service.close()
        home.cleanup()

    atexit.register(end)
    assert service.url, "\n".join(service.log)
    return service.url


def standing_engine(result: Result) -> str:
    """The engine that ran: of a service's guest, the service's own."""
    if result.engine != REMOTE:
        return result.engine
    found = re.match(r"(\w+) at http://", result.enforced["memory"])
    assert found is not None
    return found[1]
