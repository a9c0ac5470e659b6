"""Gaps among the objects of an interpreter, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

_PROGRAM = """
import json, sys
from ringfence.zygote.gaps import fill_gaps

SIZES = 48, 80, 208, 512
HEADER = bytes.__basicsize__

def new(size, count=12):
    return [bytes(size - HEADER) for _ in range(count)]

def lie_in_a_row(size):
    places = list(map(id, new(size)))
    return all(b - a == size for a, b in zip(places, places[1:]))

held = [new(size, 4_000) for size in SIZES]
for objects in held:
    del objects[::3]
before = list(map(lie_in_a_row, SIZES))
fill_gaps()
print(json.dumps([before, list(map(lie_in_a_row, SIZES))]))
"""


def _run(**environment: str) -> list[list[bool]]:
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **environment},
    )
    found: list[list[bool]] = json.loads(ended.stdout)
    return found


def test_new_objects_lie_in_a_row() -> None:
    assert _run() == [[False] * 4, [True] * 4]


@pytest.mark.parametrize("allocator", ["malloc", "pymalloc_debug"])
def test_another_allocator_is_left_as_it_is(allocator: str) -> None:
    before, after = _run(PYTHONMALLOC=allocator)
    assert after == before
