"""``Policy(deterministic=True)``: the same code and inputs give the same bytes and the same fuel,
wherever they run.
"""

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
from tests.support.capabilities import require

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

# What a session may be made of: frames that are cut, in both directions, and functions of the host.
_HOST = """
import json, sys
import ringfence
from ringfence import Limits, Policy

def add(a: int, b: int) -> int:
    return a + b

def give(size: int) -> bytes:
    return bytes(range(256)) * (size // 256)

def fail(what: str) -> None:
    raise ValueError(what)

lines = iter(["one\\n", "two\\n", ""])
options = {
    "engine": sys.argv[1], "policy": Policy(deterministic=True), "functions": [add, give, fail],
    "modules": {"lent": "def g(n):\\n    return n + 1\\n"}, "stdin": lambda: next(lines),
    "files": {"data.txt": b"x" * 200_000},
}
told = []

def tell(result):
    error = result.error and (result.error.type, result.error.message, result.error.traceback)
    told.append([result.status, repr(result.value), result.stdout, error, result.usage.fuel])

def talk(box):
    tell(box.run("sum(add(n, 1) for n in range(50)), len(give(1 << 20))"))
    tell(box.run("fail('x')"))
    tell(box.call_with("work", [1000]))
    tell(box.run("len(data), big", inputs={"data": b"y" * 300_000, "big": [1, 2.5, "z"] * 5_000}))
    tell(box.run("[print('line', n) for n in range(1000)] and print('a' * 200_000)"))
    tell(box.run("bytes(500_000)"))

with ringfence.Sandbox(**options) as box:
    tell(box.run(sys.stdin.read()))
    tell(box.run("def work(n):\\n    return sum(i * i for i in range(n))"))
    tell(box.run("import lent, sys\\nlent.g(1), open('data.txt').read(3), sys.stdin.read()"))
    talk(box)
    snapshot = box.snapshot(key=bytes(32))
    with box.fork() as twin:
        talk(twin)
    talk(box)
with ringfence.Sandbox.restore(snapshot, key=bytes(32), **{**options, "modules": {}, "files": {}}) as box:
    talk(box)
assert told[-18:-12] == told[-12:-6] == told[-6:], told[-18:]
print(json.dumps(told))
"""


@pytest.mark.requirement("policy.deterministic")
def test_two_runs(run: Run) -> None:
    first, second = (run(DRAW, policy=FIXED).raise_for_status() for _ in range(2))
    assert (first.value, first.stdout) == (second.value, second.stdout)
    assert first.usage.fuel == second.usage.fuel
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
            results = list(map(box.run, cells))
            return [(result.value, result.stdout, result.usage.fuel) for result in results]

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
    require(engine, "snapshot")
    box = make(policy=FIXED)
    box.run(DRAW).raise_for_status()
    with box.fork() as twin:
        theirs, ours = twin.run(DRAW), box.run(DRAW)
    assert (theirs.value, theirs.usage.fuel) == (ours.value, ours.usage.fuel)


@pytest.mark.requirement("policy.deterministic")
def test_twenty_processes_of_two_pythons(engine: str) -> None:
    require(engine, "snapshot")
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
    told = json.loads(seen.pop())
    talk = ["ok", "error", "ok", "ok", "ok", "ok"]
    assert [status for status, *_ in told] == ["ok"] * 3 + 4 * talk
    if "fuel" in ringfence.engines()[engine].capabilities.limits:
        assert all(type(fuel) is int and fuel > 0 for *_, fuel in told)
    if not others:
        pytest.skip("there is no second CPython here; equal in twenty processes of one")
