"""deploy/systemd/: systemd reads the unit and judges it, and the jail stands under its filter."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.levels import HERE

UNIT = HERE / "deploy" / "systemd" / "ringfence.service"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs systemd-analyze"
)


def analyze(*arguments: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, where the program is one that is there."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/ringfence/bin/ringfence serve", "/bin/true"))
    return copy


def test_systemd_reads_all_of_it(unit: Path) -> None:
    assert analyze("verify", str(unit)) == ""


def test_systemd_judges_that_it_exposes_little(unit: Path) -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert found is not None
    assert float(found[1]) <= 3.5


def filtered() -> set[str]:
    """The system calls that the unit allows."""
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        denied = line.startswith("~")
        named = expanded(line.removeprefix("~").split())
        calls = calls - named if denied else calls | named
    return calls


def expanded(names: list[str]) -> set[str]:
    calls: set[str] = set()
    for name in names:
        if name.startswith("@"):
            listed = analyze("syscall-filter", "--no-pager", name).splitlines()[1:]
            inner = [
                line.strip() for line in listed if line.strip() and not line.strip().startswith("#")
            ]
            calls |= expanded(inner)
        else:
            calls.add(name)
    return calls


@pytest.mark.skipif(os.geteuid() != 0, reason="root becomes an ordinary user")
def test_the_jail_stands_under_its_filter(tmp_path: Path) -> None:
    profile = {
        "defaultErrnoRet": 1,
        "syscalls": [{"names": sorted(filtered()), "action": "SCMP_ACT_ALLOW"}],
    }
    code = (
        "import json, sys, runpy; from tests.support.levels import enter;"
        "from tests.support.container import enter_container;"
        f"text = {json.dumps(profile)!r}; enter('nobody'); enter_container(text);"
        "sys.argv = ['ringfence', 'run', '--json', '-c', '6 * 7'];"
        "runpy.run_module('ringfence', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["value"], told["walls"]) == (42, ["landlock", "namespaces", "seccomp"])
