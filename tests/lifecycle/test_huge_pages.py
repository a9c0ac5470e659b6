"""What guests share lies in huge pages, and the processes around an image hold none of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringfence import Policy, Sandbox
from tests.support.leaks import guests_of

_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def _rollup(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(not _SWITCH.exists(), reason="this kernel has no transparent huge pages")
def test_an_image_lies_in_huge_pages() -> None:
    before = guests_of(os.getpid())
    with Sandbox(packages=["numpy"], policy=Policy(isolation="tenant")) as box:
        assert box.run("import numpy; int(numpy.ones(3).sum())").value == 3
        guest = min(guests_of(os.getpid()) - before)
        zygote = _parent(guest)
        assert _rollup(zygote, "AnonHugePages") >= 2048
        init = _parent(zygote)
        assert _rollup(init, "Anonymous") < _rollup(zygote, "Anonymous")
        assert box.run("x = bytearray(1 << 20); len(x)").value == 1 << 20
