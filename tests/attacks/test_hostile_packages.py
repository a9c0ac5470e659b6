"""A package that attacks when it is imported: it is jailed by then, as its guests are."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence
from tests.support.capabilities import require
from tests.support.installed import install


@pytest.fixture(autouse=True)
def _takes_packages(engine: str) -> None:
    require(engine, "packages")


_HOSTILE = """
import os
import socket
import subprocess

def attempt(function):
    try:
        return repr(function())
    except BaseException as error:
        return type(error).__name__

FOUND = {
    "secret": attempt(lambda: open(%r).read()),
    "users": attempt(lambda: open("/etc/passwd").read()),
    "environment": sorted(os.environ),
    "socket": attempt(socket.socket),
    "program": attempt(lambda: subprocess.run(["/bin/true"])),
    "exec": attempt(lambda: os.execv("/bin/true", ["true"])),
    "user": os.getuid() == %d,
    "library": attempt(lambda: open(os.__file__, "a")),
}
"""


def test_a_package_is_jailed_when_it_is_imported(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_CANARY", "a secret of the host")
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o666)
    python = install(tmp_path, "hostile", _HOSTILE % (str(secret), 0))
    result = ringfence.run(
        "import hostile; hostile.FOUND", engine=engine, packages=["hostile"], python=python
    ).raise_for_status()
    assert "RINGFENCE_CANARY" not in result.value.pop("environment")
    assert result.value.pop("library") in ("OSError", "PermissionError")  # read-only, or not ours
    assert result.value == {
        "secret": "FileNotFoundError",
        "users": "FileNotFoundError",
        "socket": "PermissionError",
        "program": "PermissionError",
        "exec": "PermissionError",
        "user": False,
    }


def test_a_package_that_starts_threads_at_import_is_refused(engine: str, tmp_path: Path) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    python = install(tmp_path, "hostile", source)
    with pytest.raises(ringfence.EngineFailure, match="2 threads after importing the packages"):
        ringfence.run("1", engine=engine, packages=["hostile"], python=python)


def test_a_descriptor_that_a_package_leaves_open_does_not_reach_guests(
    engine: str, tmp_path: Path
) -> None:
    python = install(tmp_path, "hostile", "import os\nKEPT = os.open(os.__file__, os.O_RDONLY)\n")
    result = ringfence.run(
        "import hostile, os\nos.get_inheritable(hostile.KEPT)",
        engine=engine,
        packages=["hostile"],
        python=python,
    )
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("OSError", "[Errno 9] Bad file descriptor")


def test_a_package_that_ends_its_process_at_import_is_an_error(engine: str, tmp_path: Path) -> None:
    python = install(tmp_path, "hostile", "import os\nos._exit(0)\n")
    with pytest.raises(ringfence.EngineFailure, match="ended with code 0"):
        ringfence.run("1", engine=engine, packages=["hostile"], python=python)


def test_a_package_cannot_forge_what_the_zygote_reports(engine: str, tmp_path: Path) -> None:
    source = "import os\nos.write(3, b'{\"ready\": true}')\nos._exit(0)\n"
    python = install(tmp_path, "hostile", source)
    status: str
    try:
        status = ringfence.run("1", engine=engine, packages=["hostile"], python=python).status
    except ringfence.EngineFailure:
        status = "refused"  # the host saw the end of the process before it asked for a guest
    assert status in ("refused", "crashed")
