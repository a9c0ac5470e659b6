"""What no argument means: finite limits, and nothing granted."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import ringfence
from tests.conformance.conftest import LEVEL, Run


@pytest.mark.requirement("defaults.limits")
def test_limits() -> None:
    assert asdict(ringfence.Limits()) == {
        "wall": 30.0,
        "host_wall": 30.0,
        "cpu": 30.0,
        "fuel": None,
        "steps": None,
        "output": 1 << 20,
        "display": 16 << 20,
        "calls": 1_000,
        "value": 64 << 20,
        "memory": 256 << 20,
        "threads": 8,
        "disk": 64 << 20,
        "files": 1_000,
    }


@pytest.mark.requirement("defaults.policy")
def test_policy() -> None:
    policy = ringfence.Policy()
    assert policy.walls == (
        frozenset({"namespaces", "landlock", "seccomp"}),
        frozenset({"wasm", "namespaces", "seccomp"}),
        frozenset({"wasm", "process"}),
    )
    assert policy.read == ()
    assert policy.cpu_share is None
    assert policy.deterministic is False
    assert policy.isolation == "shared-image"


@pytest.mark.requirement("limits.units")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"memory": "256MiB"}, {"memory": 256 << 20}),
        ({"memory": "1.5 GB"}, {"memory": 1_500_000_000}),
        ({"memory": "64mib", "disk": "1kib"}, {"memory": 64 << 20, "disk": 1_024}),
        ({"output": 4_096}, {"output": 4_096}),
        ({"output": "64 kB"}, {"output": 64_000}),
        ({"value": "1048576"}, {"value": 1 << 20}),
        ({"wall": 5}, {"wall": 5.0}),
        ({"wall": timedelta(minutes=1)}, {"wall": 60.0}),
        ({"cpu": 0.25, "host_wall": timedelta(milliseconds=5)}, {"cpu": 0.25, "host_wall": 0.005}),
        ({"memory": "8MiB"}, {"disk": 2 << 20}),
    ],
)
def test_units(given: dict[str, Any], expected: dict[str, Any]) -> None:
    limits = ringfence.Limits(**given)
    assert {name: getattr(limits, name) for name in expected} == expected


@pytest.mark.requirement("limits.units")
def test_replace() -> None:
    limits = ringfence.Limits(wall=5).replace(output="1kib")
    assert (limits.wall, limits.output) == (5.0, 1_024)
    followed = ringfence.Limits(memory="64MiB").replace(wall=1).replace(memory="128MiB")
    assert followed.disk == 32 << 20
    kept = ringfence.Limits(memory="4MiB", disk="1MiB").replace(wall=1).replace(memory="256MiB")
    assert kept.disk == 1 << 20


_LOOK = """
import os
def attempt(work):
    try:
        return work()
    except OSError as error:
        return type(error).__name__
"""


@pytest.mark.requirement("defaults.nothing-granted")
def test_no_host_file(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a host secret")
    paths = [str(secret), "/etc/passwd", "/proc/self/environ", "/proc/1/cmdline", "/root", "/home"]
    result = run(
        _LOOK + "[attempt(lambda: open(path).read()) for path in paths]", inputs={"paths": paths}
    )
    assert result.status == "ok", result.error
    refused = {"FileNotFoundError", "PermissionError", "IsADirectoryError"}
    assert set(result.value) <= refused


@pytest.mark.requirement("defaults.nothing-granted")
def test_no_host_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_CANARY", "a-host-secret")
    environment = run("import os\ndict(os.environ)").value
    assert "RINGFENCE_CANARY" not in environment
    assert "a-host-secret" not in str(environment)
    assert not {"USER", "LOGNAME", "PWD", "SSH_AUTH_SOCK", "VIRTUAL_ENV"} & environment.keys()


@pytest.mark.requirement("defaults.nothing-granted")
def test_no_network(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        result = run(
            _LOOK + "import socket\nattempt(lambda: socket.create_connection(address))",
            inputs={"address": server.getsockname()},
        )
        assert result.value in ("PermissionError", "OSError", "ConnectionRefusedError")
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.requirement("defaults.nothing-granted")
def test_no_host_process(run: Run) -> None:
    result = run(
        _LOOK + "[attempt(lambda: os.kill(pid, 0)) for pid in (1, parent, -1)], os.getppid()",
        inputs={"parent": os.getpid()},
    )
    outcomes, parent = result.value
    if LEVEL.private:
        assert parent == 0
    assert outcomes[1] in ("ProcessLookupError", "PermissionError")
