"""What guests share lies in huge pages, and the processes around an image hold none of it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from ringfence import Policy, Sandbox
from tests.support.processes import pid_of

_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def _rollup(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _release() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _collapses() -> Counter[str]:
    """How often the kernel has made a huge page of small ones, and had none to make it of.

    Asked of the kernel, since the pages of a process do not tell it: the first write after a fork
    splits the entry of a huge page, whose memory stays in one piece.
    """
    lines = map(str.split, Path("/proc/vmstat").read_text().splitlines())
    return Counter({name: int(times) for name, times in lines if name.startswith("thp_collapse")})


@pytest.mark.skipif(
    not _SWITCH.exists() or _release() < (6, 1),
    reason="this kernel has no transparent huge pages, or is older than MADV_COLLAPSE of Linux 6.1",
)
def test_an_image_lies_in_huge_pages() -> None:
    collapses = _collapses()
    with Sandbox(packages=["numpy"], policy=Policy(isolation="tenant")) as box:
        assert box.run("import numpy; int(numpy.ones(3).sum())").value == 3
        made = _collapses() - collapses
        if made["thp_collapse_alloc_failed"]:  # the machine's memory lies in small pieces
            pytest.skip("the kernel had no huge page to give")
        assert made["thp_collapse_alloc"]
        zygote = _parent(pid_of(box))
        init = _parent(zygote)
        assert _rollup(init, "Anonymous") < _rollup(zygote, "Anonymous")
        assert box.run("x = bytearray(1 << 20); len(x)").value == 1 << 20
