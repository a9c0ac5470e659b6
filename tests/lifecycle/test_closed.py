"""What is there after a sandbox, an engine or a process has ended in an orderly way: nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle.hosts import Host, run_host
from tests.lifecycle.walls import WITH_NAMESPACES, WITHOUT, options
from tests.support.leaks import cgroups_of

# What the process has before: everything lazy is imported, the zygote stands, it is known.
_LEAKS = """
from tests.support.leaks import Belongings, await_ends, below
import gc, tempfile

def end_of_guests(before):
    now = below() - before.processes
    return await_ends(now)

def look(work):
    work()
    gc.collect()
    before = Belongings.now()
    work()
    gc.collect()
    end_of_guests(before)
    return Belongings.now().left_since(before)

"""

_WORK = {
    "run": "def work(): ringfence.run('1')",
    "a with block": "def work():\n    with Sandbox() as box: box.run('1')",
    "started, never used": "def work(): Sandbox().start().close()",
    "closed twice": "def work():\n    box = Sandbox().start()\n    box.close()\n    box.close()",
    "never started": "def work(): Sandbox().close()",
    "forgotten": "def work(): Sandbox().start().run('1')",
    "forgotten, never used": "def work(): Sandbox().start()",
    "an exception in the with block": (
        "def work():\n    try:\n        with Sandbox() as box:\n            box.run('1')\n"
        "            1 / 0\n    except ZeroDivisionError: pass"
    ),
    "an exception of the guest": "def work(): ringfence.run('1 / 0')",
    "a guest that died": (
        "def work():\n    with Sandbox() as box: box.run('import os; os._exit(3)')"
    ),
    "a guest that was killed for its limit": (
        "def work():\n    with Sandbox() as box:\n"
        "        box.run('while True:\\n try:\\n  while True: pass\\n except BaseException: pass',"
        " limits=Limits(wall=0.05))"
    ),
    "a guest with threads and files": (
        "def work():\n    with Sandbox(files={'a': b'b'}) as box:\n"
        "        box.run('import threading, time\\nfor i in range(4): "
        "threading.Thread(target=time.sleep, args=(99,)).start()')"
    ),
    "an exception in a host function": (
        "def f() -> None: raise KeyboardInterrupt\n"
        "def work():\n    try:\n        with Sandbox(functions=[f]) as box: box.run('f()')\n"
        "    except KeyboardInterrupt: pass"
    ),
    "an exception in the tracing seam": (
        "def trace(event):\n    if event.kind == 'turn_start': raise OSError('trace')\n"
        "def work():\n    try:\n        with Sandbox(trace=trace) as box: box.run('1')\n"
        "    except OSError: pass"
    ),
    "an exception in the tracing seam at the start": (
        "def trace(event): raise OSError('trace')\n"
        "def work():\n    try:\n        with Sandbox(trace=trace) as box: pass\n"
        "    except OSError: pass"
    ),
    "an async function that nobody waits for": (
        "import asyncio\n"
        "async def f() -> None: await asyncio.sleep(1000)\n"
        "def work(): ringfence.run('f()', functions=[f], limits=Limits(host_wall=0.05))"
    ),
    "a stream that is left early": (
        "def work():\n    with Sandbox() as box:\n"
        "        for event in box.stream('print(1)\\nwhile True: pass'): break"
    ),
    "a stream that is left and kept": (
        "def work():\n    with Sandbox() as box:\n"
        "        stream = box.stream('print(1)\\nwhile True: pass')\n        next(stream)"
    ),
    "a zygote of one's own": ("def work(): ringfence.run('1', policy=Policy(isolation='tenant'))"),
    "a zygote of one's own in a with block": (
        "def work():\n    with Sandbox(policy=Policy(isolation='tenant')) as box: box.run('1')"
    ),
    "a zygote of one's own, forgotten": (
        "def work(): Sandbox(policy=Policy(isolation='tenant')).start().run('1')"
    ),
    "a pool": (
        "def work():\n    with ringfence.Pool(2) as pool:\n        pool.wait()\n"
        "        ringfence.run('1', pool=pool)"
    ),
    "a pool, closed while it fills": "def work():\n    with ringfence.Pool(8): pass",
    "a pool, forgotten": (
        "def work():\n    pool = ringfence.Pool(2).start()\n    pool.wait()\n"
        "    ringfence.run('1', pool=pool)"
    ),
    "a pool, never started": "def work(): ringfence.Pool(2)",
    "a pool that cannot be filled": (
        "def work():\n    with ringfence.Pool(2, packages=['no-such-distribution']) as pool:\n"
        "        try: pool.wait()\n        except ValueError: pass"
    ),
    "a tenant's pool, closed before a sandbox of it": (
        "def work():\n    pool = ringfence.Pool(2, policy=Policy(isolation='tenant')).start()\n"
        "    pool.wait()\n    with Sandbox(pool=pool) as box:\n        pool.close()\n"
        "        assert box.run('6 * 7').value == 42"
    ),
    "asyncio": (
        "import asyncio\nasync def main():\n"
        "    async with ringfence.AsyncSandbox() as box: await box.run('1')\n"
        "def work(): asyncio.run(main())"
    ),
    "asyncio, cancelled": (
        "import asyncio\nasync def main():\n"
        "    called = asyncio.Event()\n"
        "    async def f() -> None:\n        called.set()\n        await asyncio.Event().wait()\n"
        "    async with ringfence.AsyncSandbox(functions=[f]) as box:\n"
        "        task = asyncio.ensure_future(box.run('await f()'))\n"
        "        await called.wait()\n"
        "        task.cancel()\n"
        "        try: await task\n"
        "        except asyncio.CancelledError: pass\n"
        "def work(): asyncio.run(main())"
    ),
    "an engine of one's own, closed": (
        "from ringfence._engines.native.engine import NativeEngine\n"
        "def work():\n    engine = NativeEngine()\n    box = Sandbox(engine=engine).start()\n"
        "    box.run('1')\n    engine.close()"
    ),
    "an argument that cannot cross": (
        "def work():\n    try:\n        with Sandbox() as box: box.run('1', inputs={'a': object()})\n"
        "    except ringfence.ConfigurationError: pass"
    ),
    "a request that is refused": (
        "def work():\n    try:\n"
        "        ringfence.run('1', engine='native', policy=Policy(deterministic=True))\n"
        "    except ringfence.PolicyNotEnforceable: pass"
    ),
}


@pytest.fixture(scope="module")
def _left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each piece of work left, when one host does them all."""
    folder = tmp_path_factory.mktemp("tmp")
    code = _LEAKS
    for what, work in _WORK.items():
        code += f"\n{work}\ntell([{what!r}, look(work)])\n"
    return dict(run_host(code, environment={"TMPDIR": str(folder)}))


@pytest.mark.parametrize("what", _WORK)
def test_nothing_is_left_in_the_host_after(what: str, _left: dict[str, Any]) -> None:
    assert _left[what] == []


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
def test_an_engine_that_is_closed_has_no_process_left(walls: tuple[str, ...]) -> None:
    said = run_host(
        f"""
from tests.support.leaks import Belongings
from ringfence._engines.native.engine import NativeEngine
before = Belongings.now()
engine = NativeEngine()
boxes = [Sandbox(engine=engine, {options(walls)}).start() for _ in range(10)]
for box in boxes[:5]: box.run("1")
engine.close()
tell(sorted(Belongings.now().processes - before.processes))
tell([box.run("1").status for box in boxes])
tell(ringfence.run("1 + 1", engine=engine, {options(walls)}).value)
engine.close()
tell(sorted(Belongings.now().processes - before.processes))
"""
    )
    assert said == [[], ["crashed"] * 10, 2, []]


def test_few_idle_zygotes_are_kept() -> None:
    said = run_host(
        """
from tests.support.leaks import outer_of
from ringfence._engines.native.engine import NativeEngine
engine = NativeEngine()
import tempfile
for number in range(12):
    folder = tempfile.mkdtemp()
    with Sandbox(engine=engine, policy=Policy(read=[folder])) as box:
        box.run("1")
    os.rmdir(folder)
tell(len(outer_of(os.getpid())))
"""
    )
    # 16 images are kept, and each of them uses its zygote; of those beyond, 8 are kept warm.
    assert said == [12]


_ENDS = {
    "by itself": (0, ""),
    "by sys.exit": (0, "sys.exit()"),
    "by an exception": (1, "raise SystemExit(1)"),
    "with a turn in a daemon thread": (
        0,
        "thread = threading.Thread(target=lambda: boxes[0].run('while True: pass'), daemon=True)\n"
        "thread.start()",
    ),
    "with a suspended stream": (
        0,
        "stream = boxes[0].stream('print(1)\\nwhile True: pass')\nnext(stream)",
    ),
    "with an async sandbox whose loop stands still": (
        0,
        "import asyncio\nloop = asyncio.new_event_loop()\n"
        "kept = loop.run_until_complete(ringfence.AsyncSandbox(**more()).start())\n"
        "loop.run_until_complete(kept.run('1'))",
    ),
    "with an awaited turn in a daemon thread": (
        0,
        "import asyncio\nrunning = threading.Event()\n"
        "def on() -> None: running.set()\n"
        "async def main():\n"
        "    async with ringfence.AsyncSandbox(**more(functions=[on])) as box:\n"
        "        await box.run('on()\\nwhile True: pass')\n"
        "loop = asyncio.new_event_loop()\n"
        "threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True).start()\n"
        "running.wait()",
    ),
    "without cleaning up": (0, "os._exit(0)"),
}


@pytest.mark.parametrize("walls", [WITH_NAMESPACES, WITHOUT], ids="+".join)
@pytest.mark.parametrize("how", _ENDS)
def test_a_host_that_ends_with_open_sandboxes(
    how: str, walls: tuple[str, ...], nothing_left: Callable[[], list[str]], tmp_path: Path
) -> None:
    status, code = _ENDS[how]
    source = (
        f"def more(**others): return dict({options(walls)}, **others)\n"
        f"boxes = [Sandbox(**more()).start() for _ in range(5)]\n"
        f"for box in boxes[:3]: box.run('1')\ntell(1)\n{code}"
    )
    with Host(source, environment={"TMPDIR": str(tmp_path)}) as host:
        assert host.hear() == 1
        assert host.end() == (status, "", "")
    assert nothing_left() == []
    assert os.listdir(tmp_path) == []


# --- cgroups -----------------------------------------------------------------------------------

_SHARE = "policy=Policy(cpu_share=0.5)"


def _cgroups_are_ours() -> bool:
    try:
        run_host(f"ringfence.run('1', {_SHARE})")
    except AssertionError as error:
        if "a cgroup cpu controller that this user may use" in str(error):
            return False
        raise
    return True


@pytest.fixture(scope="module")
def _with_cgroups() -> None:
    if not _cgroups_are_ours():
        pytest.skip("no cgroup cpu controller that this user may use")


@pytest.mark.usefixtures("_with_cgroups")
def test_no_cgroup_is_left_after_closing() -> None:
    code = f"""
    boxes = [Sandbox({_SHARE}).start() for _ in range(5)]
    tell(boxes[0].run("1").value)
    sys.stdin.readline()
    for box in boxes: box.close()
    tell(0)
    sys.stdin.readline()
    """
    with Host(code) as host:
        assert host.hear() == 1
        assert len(cgroups_of(host.pid)) == 5
        host.go_on()
        assert host.hear() == 0
        assert cgroups_of(host.pid) == set()


@pytest.mark.usefixtures("_with_cgroups")
def test_no_cgroup_is_left_after_a_host_that_ends_with_open_sandboxes() -> None:
    with Host(f"boxes = [Sandbox({_SHARE}).start() for _ in range(5)]\ntell(0)") as host:
        host.hear()
        assert host.end() == (0, "", "")
        assert cgroups_of(host.pid) == set()


@pytest.mark.usefixtures("_with_cgroups")
def test_cgroups_of_a_killed_host_are_removed_by_the_next_that_needs_one(
    nothing_left: Callable[[], list[str]],
) -> None:
    code = f"boxes = [Sandbox({_SHARE}).start() for _ in range(5)]\ntell(0)\nsys.stdin.readline()"
    with Host(code) as host:
        host.hear()
        host.kill()
    assert nothing_left() == []
    assert len(cgroups_of(host.pid)) == 5  # nobody was there to remove them
    run_host(f"ringfence.run('1', {_SHARE})")
    assert cgroups_of(host.pid) == set()
