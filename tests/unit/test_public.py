"""The public face: exactly these names, and nothing loaded before it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import ringfence

NAMES = [
    "AsyncClient",
    "AsyncSandbox",
    "Availability",
    "Capabilities",
    "Client",
    "ConfigurationError",
    "Display",
    "EngineFailure",
    "EngineNotAvailable",
    "GuestCancelled",
    "GuestCrashed",
    "GuestError",
    "GuestFailure",
    "GuestFileError",
    "GuestVisibleError",
    "KeptDisplays",
    "LimitExceeded",
    "Limits",
    "Lost",
    "Opaque",
    "Output",
    "Policy",
    "PolicyNotEnforceable",
    "Pool",
    "PoolStatistics",
    "Progress",
    "Reader",
    "RemoteEngine",
    "Result",
    "RingfenceError",
    "Sandbox",
    "SandboxBusy",
    "SandboxClosed",
    "SavedState",
    "StateRefused",
    "StoreLimits",
    "ValidationFailed",
    "Variable",
    "WasiEngine",
    "Wheel",
    "Writer",
    "displays_page",
    "empty",
    "engines",
    "host_function",
    "run",
    "write_displays",
]


def test_the_public_names() -> None:
    assert ringfence.__all__ == ["__version__", *NAMES]
    assert dir(ringfence) == sorted(ringfence.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there(name: str) -> None:
    value = getattr(ringfence, name)
    assert value.__name__ == name
    assert value.__doc__


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="^module 'ringfence' has no attribute 'Sandbx'$"):
        _ = ringfence.Sandbx  # type: ignore[attr-defined]


def loaded(program: str) -> set[str]:
    """What a fresh interpreter has loaded after ``program``, and had not before."""
    code = (
        "import sys, json\nbefore = set(sys.modules)\n"
        f"{program}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules: list[Any] = json.loads(done.stdout)
    return set(modules)


HEAVY = {"asyncio", "numpy", "pydantic", "typing", "pandas", "packaging", "typer", "rich"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    modules = loaded("import ringfence")
    assert not modules & HEAVY
    ours = {name for name in modules if name.startswith("ringfence")}
    assert ours == {"ringfence"}


def test_the_facade_loads_no_library() -> None:
    modules = loaded("import ringfence\nringfence.Sandbox, ringfence.run, ringfence.host_function")
    assert not modules & (HEAVY - {"typing"})
    assert not any(name.startswith(("pydantic", "numpy")) for name in modules)


def test_what_runs_in_a_guest_loads_nothing_of_the_host_s() -> None:
    modules = loaded("import ringfence_guest.agent")
    assert not {name for name in modules if name.partition(".")[0] == "ringfence"}
    assert not modules & (HEAVY - {"typing", "asyncio"})
