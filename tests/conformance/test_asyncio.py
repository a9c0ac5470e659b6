"""asyncio in the guest: top-level await, ``asyncio.run``, tasks, generators."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conformance.conftest import Make


async def later(value: int) -> int:
    await asyncio.sleep(0)
    return value


@pytest.mark.requirement("asyncio.await")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("await later(1)", 1),
        ("[await later(1), await later(2)]", [1, 2]),
        ("x = await later(3)\nx + 1", 4),
        ("async with asyncio.timeout(30):\n    x = await later(5)\nx", 5),
        ("[i async for i in count()]", [0, 1, 2]),
        ("total = 0\nasync for i in count():\n    total += await later(i)\ntotal", 3),
        ("{await later(1): await later(2)}", {1: 2}),
        ("f'{await later(7)}'", "7"),
        ("if await later(1):\n    y = 'yes'\ny", "yes"),
        ("try:\n    await asyncio.wait_for(asyncio.sleep(30), 0.01)\nexcept TimeoutError:\n    t = 'late'\nt", "late"),
    ],
)  # fmt: skip
def test_await(make: Make, code: str, value: Any) -> None:
    box = make(functions=[later])
    box.run("import asyncio\nasync def count():\n    for i in range(3): yield i").raise_for_status()
    result = box.run(code)
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("asyncio.await")
def test_a_cell_that_awaits_runs_within_the_loop(make: Make) -> None:
    box = make(functions=[later])
    code = "import asyncio\nfirst = asyncio.get_running_loop()\ntask = asyncio.create_task(later(5))\nawait task"
    assert box.run(code).value == 5
    assert box.run("x = await later(1)\nasyncio.get_running_loop() is first").value is True


@pytest.mark.requirement("asyncio.await")
@pytest.mark.parametrize(
    "end", ["raise SystemExit", "raise SystemExit(3)", "raise KeyboardInterrupt"]
)
def test_exit_of_a_cell_that_awaits_leaves_no_noise(make: Make, end: str) -> None:
    box = make(functions=[later])
    result = box.run(f"print(await later(1))\n{end}\nawait later(2)")
    assert (result.stdout, result.stderr, result.value) == ("1\n", "", None)
    assert box.run("import gc\ngc.collect()\nawait later(3)").value == 3
    assert box.run("1").stderr == ""


@pytest.mark.requirement("asyncio.run")
def test_asyncio_run(make: Make) -> None:
    box = make(functions=[later])
    code = "import asyncio\nasync def main(n):\n    return await later(n)\nasyncio.run(main(1))"
    assert box.run(code).value == 1
    assert box.run("[asyncio.run(main(n)) for n in range(5)]").value == [0, 1, 2, 3, 4]
    assert box.run("await main(9)").value == 9
    assert box.run("asyncio.run(main(10))").value == 10


@pytest.mark.requirement("asyncio.run")
def test_runner_and_new_loops(make: Make) -> None:
    code = (
        "import asyncio\nasync def main(n):\n    return await later(n)\n"
        "with asyncio.Runner() as runner:\n    a = runner.run(main(1)), runner.run(main(2))\n"
        "loop = asyncio.new_event_loop()\nb = loop.run_until_complete(main(3))\nloop.close()\na, b"
    )
    assert make(functions=[later]).run(code).value == ((1, 2), 3)


@pytest.mark.requirement("asyncio.run")
def test_loops_of_another_policy(make: Make) -> None:
    code = (
        "import asyncio, warnings\nwarnings.simplefilter('ignore')\n"
        "async def main(n):\n    return await later(n)\n"
        "asyncio.set_event_loop_policy(None)\na = asyncio.run(main(1))\n"
        "asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())\na, asyncio.run(main(2))"
    )
    box = make(functions=[later])
    assert box.run(code).value == (1, 2)
    assert box.run("await later(3)").value == 3


@pytest.mark.requirement("asyncio.run")
def test_nested_run_is_pythons_error(make: Make) -> None:
    code = "import asyncio\nasync def f(): pass\nc = f()\ntry:\n    await later(1)\n    asyncio.run(c)\nfinally:\n    c.close()"
    result = make(functions=[later]).run(code)
    assert result.error is not None
    assert result.error.message == "asyncio.run() cannot be called from a running event loop"


_STDLIB = {
    "sleep": "await asyncio.sleep(0, 'done')",
    "gather": "await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))",
    "queue": (
        "queue = asyncio.Queue(1)\n"
        "async def put():\n    for i in range(5): await queue.put(i)\n"
        "task = asyncio.create_task(put())\n"
        "[await queue.get() for _ in range(5)]"
    ),
    "lock": "lock = asyncio.Lock()\nasync with lock:\n    held = lock.locked()\nheld",
    "event": (
        "event = asyncio.Event()\nasyncio.get_running_loop().call_soon(event.set)\nawait event.wait()"
    ),
    "wait": (
        "done, pending = await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0, n)) for n in range(3)])\n"
        "sorted(t.result() for t in done)"
    ),
    "as_completed": "sorted([await f for f in asyncio.as_completed([asyncio.sleep(0, 1), asyncio.sleep(0, 2)])])",
    "shield": "await asyncio.shield(asyncio.sleep(0, 'kept'))",
    "call_later": (
        "future = asyncio.get_running_loop().create_future()\n"
        "asyncio.get_running_loop().call_later(0.01, future.set_result, 'later')\nawait future"
    ),
    "cancel": (
        "task = asyncio.create_task(asyncio.sleep(30))\nawait asyncio.sleep(0)\ntask.cancel()\n"
        "try:\n    await task\nexcept asyncio.CancelledError:\n    seen = 'cancelled'\nseen"
    ),
    "contextvars": (
        "import contextvars\nvar = contextvars.ContextVar('v', default=0)\n"
        "async def child():\n    var.set(5)\n    return var.get()\n"
        "(await asyncio.create_task(child()), var.get())"
    ),
}
_STDLIB_VALUES: dict[str, Any] = {
    "sleep": "done",
    "gather": [1, 2],
    "queue": [0, 1, 2, 3, 4],
    "lock": True,
    "event": True,
    "wait": [0, 1, 2],
    "as_completed": [1, 2],
    "shield": "kept",
    "call_later": "later",
    "cancel": "cancelled",
    "contextvars": (5, 0),
}


@pytest.mark.requirement("asyncio.stdlib")
@pytest.mark.parametrize("name", _STDLIB)
def test_stdlib(make: Make, name: str) -> None:
    result = make().run(f"import asyncio\n{_STDLIB[name]}")
    assert result.status == "ok", result.error
    assert result.value == _STDLIB_VALUES[name]


@pytest.mark.requirement("asyncio.threads")
def test_threads(make: Make) -> None:
    code = (
        "import asyncio, threading\n"
        "def where():\n    return threading.current_thread() is threading.main_thread()\n"
        "await asyncio.to_thread(where), where(),"
        " await asyncio.get_running_loop().run_in_executor(None, where)"
    )
    assert make().run(code).value == (False, True, False)


@pytest.mark.requirement("asyncio.threads")
def test_call_soon_threadsafe_wakes_the_loop(make: Make) -> None:
    code = (
        "import asyncio, threading\n"
        "loop = asyncio.get_running_loop()\nfuture = loop.create_future()\n"
        "threading.Timer(0.01, lambda: loop.call_soon_threadsafe(future.set_result, 'woken')).start()\n"
        "await future"
    )
    assert make().run(code).value == "woken"


@pytest.mark.requirement("asyncio.tasks-stay")
def test_task_goes_on_in_the_next_turn(make: Make) -> None:
    box = make(functions=[later])
    code = (
        "import asyncio\nsteps = []\n"
        "async def work():\n    for n in range(3):\n        steps.append(n)\n        await asyncio.sleep(0)\n"
        "    return 'finished'\n"
        "task = asyncio.ensure_future(work())\nawait asyncio.sleep(0)\nsteps[0], task.done()"
    )
    assert box.run(code).value == (0, False)
    assert box.run("await task").value == "finished"
    assert box.run("steps").value == [0, 1, 2]


@pytest.mark.requirement("asyncio.tasks-stay")
def test_call_that_was_open_when_its_turn_ended_fails(make: Make) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    box = make(functions=[never])
    box.run(
        "import asyncio\ntask = asyncio.ensure_future(never())\nawait asyncio.sleep(0)"
    ).raise_for_status()
    result = box.run("await task")
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "RuntimeError",
        "never() was abandoned: its turn has ended",
    )


@pytest.mark.requirement("asyncio.tasks-stay")
def test_task_that_nobody_awaited_reports_its_error(make: Make) -> None:
    box = make()
    code = (
        "import asyncio, gc\nasync def fail(): raise ValueError('unseen')\n"
        "task = asyncio.ensure_future(fail())\nawait asyncio.sleep(0)\nawait asyncio.sleep(0)\n"
        "del task\ngc.collect()\n1"
    )
    result = box.run(code)
    assert result.value == 1
    assert "Task exception was never retrieved" in result.stderr
    assert "ValueError: unseen" in result.stderr


@pytest.mark.requirement("asyncio.generators")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("def g():\n    yield 1\n    yield 2\nlist(g())", [1, 2]),
        ("def g():\n    got = yield 1\n    yield got\nit = g(); next(it); it.send('x')", "x"),
        ("def g():\n    yield from range(3)\nsum(g())", 3),
        ("sum(x * x for x in range(4))", 14),
        ("def g():\n    try:\n        yield 1\n    finally:\n        seen.append('closed')\nseen = []\nit = g(); next(it); it.close()\nseen", ["closed"]),
        ("async def g():\n    for i in range(3): yield i\n[x async for x in g()]", [0, 1, 2]),
        ("async def g():\n    yield await later(4)\nit = g()\nawait anext(it)", 4),
        ("from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def c():\n    yield 'in'\nasync with c() as x: pass\nx", "in"),
        ("from contextlib import contextmanager\n@contextmanager\ndef c():\n    yield 'in'\nwith c() as x: pass\nx", "in"),
        ("import itertools\nlist(itertools.islice(itertools.count(), 3))", [0, 1, 2]),
    ],
)  # fmt: skip
def test_generators(make: Make, code: str, value: Any) -> None:
    result = make(functions=[later]).run(code)
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("asyncio.generators")
def test_generator_lives_from_turn_to_turn(make: Make) -> None:
    box = make(functions=[later])
    box.run(
        "async def g():\n    for i in range(9): yield await later(i)\nit = g()"
    ).raise_for_status()
    assert [box.run("await anext(it)").value for _ in range(3)] == [0, 1, 2]
