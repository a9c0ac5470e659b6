"""A host that forks. Each case is a program of its own, because it forks itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conformance.conftest import LEVEL

_HEAD = """
import os, sys, threading, warnings
import ringfence
warnings.simplefilter("ignore", DeprecationWarning)
options = {options!r}
if options["walls"]:
    options["policy"] = ringfence.Policy(walls=[options["walls"]])
    if "namespaces" not in options["walls"] and "wasm" not in options["walls"]:
        options["limits"] = ringfence.Limits(threads=0, disk=0)
del options["walls"]

def in_child(work):
    pid = os.fork()
    if pid == 0:
        try:
            print(work(), flush=True)
        except ringfence.RingfenceError as error:
            print(type(error).__name__, error, flush=True)
        except BaseException as error:
            print("UNEXPECTED", repr(error), flush=True)
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""


def _program(engine: str, body: str) -> list[str]:
    options = {"engine": engine, "walls": LEVEL.walls}
    program = _HEAD.format(options=options) + body
    ran = subprocess.run(
        [sys.executable, "-u", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.mark.requirement("fork.child", "fork.parent")
def test_child_makes_its_own(engine: str) -> None:
    assert _program(
        engine,
        "box = ringfence.Sandbox(**options).start()\n"
        "box.run('x = 1')\n"
        "in_child(lambda: ringfence.run('6 * 7', **options).value)\n"
        "in_child(lambda: ringfence.Sandbox(**options).start().run('1').status)\n"
        "print(box.run('x').value, ringfence.run('2', **options).value)\n",
    ) == ["42", "ok", "1 2"]


@pytest.mark.requirement("fork.child")
def test_child_of_a_host_that_ran_nothing_yet(engine: str) -> None:
    body = "in_child(lambda: ringfence.run('6 * 7', **options).value)\nprint(ringfence.run('1', **options).value)"
    assert _program(engine, body) == ["42", "1"]


@pytest.mark.requirement("fork.inherited", "fork.parent")
def test_inherited_sandbox_refuses(engine: str) -> None:
    lines = _program(
        engine,
        "box = ringfence.Sandbox(**options).start()\n"
        "box.run('x = 1')\n"
        "print(os.getpid())\n"
        "in_child(lambda: box.run('x'))\n"
        "in_child(lambda: box.call('f'))\n"
        "in_child(lambda: list(box.stream('x')))\n"
        "in_child(lambda: box.close())\n"
        "print(box.run('x').value)\n",
    )
    parent = lines.pop(0)
    refused = f"SandboxClosed this sandbox belongs to process {parent}; make a new one after a fork"
    assert lines == [refused, refused, refused, "None", "1"]


@pytest.mark.requirement("fork.parent")
def test_child_that_ends_in_a_with_block(engine: str) -> None:
    body = (
        "with ringfence.Sandbox(**options) as box:\n"
        "    box.run('x = 1')\n"
        "    pid = os.fork()\n"
        "    if pid == 0: sys.exit(0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "    print(box.run('x').value)\n"
    )
    assert _program(engine, body) == ["1"]


@pytest.mark.requirement("fork.during-turn", "fork.parent")
def test_fork_in_a_host_function(engine: str) -> None:
    body = (
        "def fork() -> str:\n"
        "    in_child(lambda: ringfence.run('6 * 7', **options).value)\n"
        "    in_child(lambda: box.close())\n"
        "    return 'forked'\n"
        "box = ringfence.Sandbox(functions=[fork], **options).start()\n"
        "print(box.run('fork()').value, box.run('1').value)\n"
    )
    assert _program(engine, body) == ["42", "None", "forked 1"]


@pytest.mark.requirement("fork.during-turn", "fork.inherited")
def test_fork_while_another_thread_runs_a_turn(engine: str) -> None:
    body = (
        "there, done = threading.Event(), threading.Event()\n"
        "def wait() -> int:\n    there.set()\n    done.wait()\n    return 5\n"
        "box = ringfence.Sandbox(functions=[wait], **options).start()\n"
        "seen = []\n"
        "thread = threading.Thread(target=lambda: seen.append(box.run('wait()').value))\n"
        "thread.start()\nthere.wait()\n"
        "in_child(lambda: box.close())\n"
        "in_child(lambda: ringfence.run('1', **options).value)\n"
        "done.set()\nthread.join()\nprint(seen)\n"
    )
    assert _program(engine, body) == ["None", "1", "[5]"]


@pytest.mark.requirement("fork.child")
def test_children_of_children(engine: str) -> None:
    body = (
        "ringfence.run('1', **options)\n"
        "in_child(lambda: (ringfence.run('2', **options),"
        " in_child(lambda: ringfence.run('3', **options).value), 'middle')[2])\n"
        "print(ringfence.run('4', **options).value)\n"
    )
    assert _program(engine, body) == ["3", "middle", "4"]


@pytest.mark.requirement("fork.child")
def test_multiprocessing_workers(engine: str) -> None:
    body = (
        "import multiprocessing\n"
        "def work(n): return ringfence.run(f'{n} * 2', **options)\n"
        "ringfence.run('1', **options)\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    results = pool.map(work, range(8))\n"
        "print([r.value for r in results], results[0].enforced['network'] != '')\n"
    )
    assert _program(engine, body) == ["[0, 2, 4, 6, 8, 10, 12, 14] True"]


@pytest.mark.requirement("fork.child")
def test_async_functions_after_a_fork(engine: str) -> None:
    body = (
        "import asyncio\n"
        "async def later(x: int) -> int:\n    await asyncio.sleep(0)\n    return x\n"
        "print(ringfence.run('await later(1)', functions=[later], **options).value)\n"
        "in_child(lambda: ringfence.run('await later(2)', functions=[later], **options).value)\n"
    )
    assert _program(engine, body) == ["1", "2"]
