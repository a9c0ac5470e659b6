"""How much an idle guest holds for itself: pages that it shares with nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ringfence import Sandbox
from tests.support.leaks import guests_of

_COUNTED = sys.version_info < (3, 12)  # every object's references are counted in it
_MOST = {"native": 1_500, "wasi": 1_600 if _COUNTED else 1_024}  # KiB
_GUESTS = 16  # what a zygote runs for the first times, its interpreter rewrites


def _private(pid: int) -> int:
    """KiB. proc(5)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except PermissionError:
        pytest.skip("this user may not look at the pages of guests")
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def test_an_idle_guest_holds_little_for_itself(engine: str) -> None:
    if engine not in _MOST:
        pytest.skip(f"guests of {engine} are not processes below this one")
    before = guests_of(os.getpid())
    boxes = [Sandbox(engine=engine) for _ in range(_GUESTS)]
    try:
        for box in boxes:
            assert box.run("1 + 1").value == 2
        guests = guests_of(os.getpid()) - before
        assert sorted(map(_private, guests))[len(guests) // 2] <= _MOST[engine]
    finally:
        for box in boxes:
            box.close()
