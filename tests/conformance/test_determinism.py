"""``Policy(deterministic=True)``: the same code and inputs give the same bytes, wherever they run."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence
from ringfence import Policy
from tests.conformance.conftest import LEVEL, Make, Run
from tests.conformance.interpreters import SUPPORTED, find_interpreter

FIXED = Policy(deterministic=True)
ROOT = Path(__file__).parents[2]
PROCESSES = 20

DRAW = """
import asyncio, os, random, secrets, tempfile, time, uuid
async def nap(name, seconds):
    await asyncio.sleep(seconds)
    order.append((name, time.monotonic()))
order = []
await asyncio.gather(nap("b", 0.02), nap("a", 0.01))
with tempfile.NamedTemporaryFile(delete=False) as file:
    path, made = file.name, os.stat(file.name).st_mtime_ns
print(random.random(), object())
(time.time(), time.monotonic(), time.process_time(), order, random.random(), os.urandom(5).hex(),
 secrets.token_hex(5), str(uuid.uuid4()), str(uuid.uuid1()), path, made, hash("a"),
 list({"a", "b", "c"}), repr(object()), id(path))
"""

_HOST = """
import json, sys
import ringfence
options = {"engine": sys.argv[1], "policy": ringfence.Policy(deterministic=True)}
result = ringfence.run(sys.stdin.read(), **options).raise_for_status()
print(json.dumps([result.value, result.stdout]))
"""


@pytest.mark.requirement("policy.deterministic")
def test_two_runs(run: Run) -> None:
    first, second = (run(DRAW, policy=FIXED).raise_for_status() for _ in range(2))
    assert (first.value, first.stdout) == (second.value, second.stdout)
    assert first.enforced["deterministic"]
    free, other = (run(DRAW).raise_for_status() for _ in range(2))
    assert (free.value, free.stdout) != (other.value, other.stdout)
    assert "deterministic" not in free.enforced


@pytest.mark.requirement("policy.deterministic")
def test_turns_of_a_session(make: Make) -> None:
    cells = [
        "x = []",
        DRAW,
        "x.append(1)\nimport time\ntime.sleep(0.01)\ntime.time()",
        "1 / 0",
        DRAW,
    ]

    def talk() -> list[object]:
        with make(policy=FIXED) as box:
            return [(result.value, result.stdout) for result in map(box.run, cells)]

    assert talk() == talk()


@pytest.mark.requirement("policy.deterministic")
def test_time_goes_on(run: Run) -> None:
    code = """
import time
begin = time.time(), time.monotonic()
time.sleep(0.5)
after = time.time(), time.monotonic()
while time.monotonic() < after[1] + 0.01: pass
round(after[0] - begin[0], 2), round(after[1] - begin[1], 2), time.gmtime(begin[0])[:5]
"""
    assert run(code, policy=FIXED).value == (0.5, 0.5, (2026, 1, 1, 0, 0))


@pytest.mark.requirement("policy.deterministic")
def test_a_twin_goes_on_from_there(make: Make, engine: str) -> None:
    if not ringfence.engines()[engine].capabilities.snapshot:
        pytest.skip(f"{engine} has no snapshot (its Capabilities)")
    box = make(policy=FIXED)
    box.run(DRAW).raise_for_status()
    with box.fork() as twin:
        assert twin.run(DRAW).value == box.run(DRAW).value


@pytest.mark.requirement("policy.deterministic")
def test_twenty_processes_of_two_pythons(engine: str) -> None:
    if LEVEL.walls is not None:
        pytest.skip("behind other walls than the default's the policy has to be given")
    others = [v for v in SUPPORTED if v != sys.version_info[:2] and find_interpreter(v)]
    path = os.pathsep.join([str(ROOT / "src"), *site.getsitepackages()])
    hosts = [sys.executable, *(str(find_interpreter(version)) for version in others[:1])]
    seen = set()
    for number in range(PROCESSES):
        done = subprocess.run(
            [hosts[number % len(hosts)], "-c", _HOST, engine],
            input=DRAW, env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": str(number)},
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        seen.add(done.stdout)
    assert len(seen) == 1
    assert len(json.loads(seen.pop())) == 2
    if not others:
        pytest.skip("there is no second CPython here; equal in twenty processes of one")
