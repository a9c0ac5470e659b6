"""How much an idle guest holds for itself: pages that it shares with nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringfence import Pool, Sandbox
from ringfence.images.wasi.recipe import worker_file
from tests.support.leaks import guests_of
from tests.support.processes import faults_of, pid_of, wait_until_stopped

_MOST = {"native": 1_500, "wasi": 1_024 if worker_file() else 1_600}  # KiB
_FEW = 8  # none, as a rule; some if it was stopped before it was wanted
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
    boxes = [Sandbox(engine=engine) for _ in range(_GUESTS)]
    try:
        for box in boxes:
            assert box.run("1 + 1").value == 2
        guests = [pid_of(box) for box in boxes]
        wait_until_stopped(guests)
        assert sorted(map(_private, guests))[_GUESTS // 2] <= _MOST[engine]
    finally:
        for box in boxes:
            box.close()


def test_the_first_turn_of_a_pools_guest_finds_its_pages(engine: str) -> None:
    """The warm-up has had them all: it is named as a program's first cell is, and a plain turn
    comes behind it.
    """
    if engine != "native":
        pytest.skip(f"guests of {engine} warm up in other ways")
    before = guests_of(os.getpid())
    with Pool(8, engine="native") as pool:
        assert pool.wait(60)
        guests = guests_of(os.getpid()) - before
        had = {pid: faults_of(pid) for pid in guests}
        boxes = [Sandbox(pool=pool) for _ in range(8)]
        try:
            for box in boxes:
                assert box.run("1+1").value == 2
            taken = sorted(faults_of(pid) - had[pid] for pid in guests)
        finally:
            for box in boxes:
                box.close()
    assert taken[len(taken) // 2] <= _FEW
