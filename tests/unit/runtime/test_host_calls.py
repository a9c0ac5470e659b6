"""The rules of host functions, on both shells, with the real agent on the other side."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ringfence
from ringfence import host_function
from ringfence.errors import GuestVisibleError, SandboxBusy, SandboxClosed
from ringfence.model import Limits
from tests.support.facades import FACADES, AsyncBox, Box, Facade, open_box
from tests.support.guests import PipeEngine, SocketEngine, TestEngine, ThreadEngine

ENGINES: list[type[TestEngine]] = [SocketEngine, PipeEngine, ThreadEngine]
PATIENCE = 30.0

TRY = """
try:
    outcome = {call}
except Exception as error:
    outcome = f"{{type(error).__name__}}: {{error}}"
outcome
"""


def attempt(box: Box, call: str) -> Any:
    """The value of a call in the guest, or what it raised there."""
    result = box.run(TRY.format(call=call))
    assert result.status == "ok", result
    return result.value


@pytest.fixture(params=FACADES)
def facade(request: pytest.FixtureRequest) -> Facade:
    chosen: Facade = request.param
    return chosen


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine_of(request: pytest.FixtureRequest) -> TestEngine:
    engine: TestEngine = request.param()
    return engine


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set at the end: lets abandoned threads go."""
    event = threading.Event()
    yield event
    event.set()


def join_threads(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == f"ringfence-{name}":
            thread.join(PATIENCE)
            assert not thread.is_alive()


# --- where they run ------------------------------------------------------------------------


def test_a_sync_function_runs_on_the_thread_that_drives(
    facade: Facade, engine_of: TestEngine
) -> None:
    def where() -> str:
        return threading.current_thread().name

    with open_box(facade, engine_of, functions=[where]) as box:
        name = attempt(box, "where()")
        if isinstance(box, AsyncBox):
            assert name == box.portal._thread.name
        else:
            assert name == threading.current_thread().name


def test_an_async_function_runs_on_the_loop(facade: Facade, engine_of: TestEngine) -> None:
    async def where() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    with open_box(facade, engine_of, functions=[where]) as box:
        name = attempt(box, "await where()")
        if isinstance(box, AsyncBox):
            assert name == box.portal._thread.name
        else:
            assert name == "ringfence-host"


def test_a_threaded_function_runs_on_a_thread_of_its_own(
    facade: Facade, engine_of: TestEngine
) -> None:
    def where() -> str:
        return threading.current_thread().name

    with open_box(facade, engine_of, functions=[host_function(where, threaded=True)]) as box:
        assert attempt(box, "where()") == "ringfence-where"
        assert box.run("1").abandoned == ()


@pytest.mark.parametrize("kind", ["sync", "async", "threaded"])
def test_context_variables_of_the_caller_are_seen(facade: Facade, kind: str) -> None:
    variable = contextvars.ContextVar("variable", default="unset")

    def look() -> str:
        return variable.get()

    async def look_later() -> str:
        return variable.get()

    function: Any = look
    if kind == "async":
        function = look_later
    elif kind == "threaded":
        function = host_function(look, threaded=True)
    code = "await look_later()" if kind == "async" else "look()"
    with ThreadEngine().sandbox(functions=[function]) as box:
        variable.set("mine")
        assert attempt(box, code) == "mine"


# --- values and errors ---------------------------------------------------------------------


def test_values_go_both_ways(facade: Facade, engine_of: TestEngine) -> None:
    def echo(value: Any, *rest: int, flag: bool = False, **more: str) -> Any:
        return [value, rest, flag, more]

    with open_box(facade, engine_of, functions=[echo]) as box:
        assert attempt(box, "echo(b'x' * 100_000, 1, 2, flag=True, k='v')") == [
            b"x" * 100_000, (1, 2), True, {"k": "v"},
        ]  # fmt: skip
        assert attempt(box, "echo({'a': {1, 2}})") == [{"a": {1, 2}}, (), False, {}]


FAILURES: dict[str, tuple[Callable[[], Any], str]] = {
    "an exception": (lambda: 1 // 0, "HostFunctionError: fails"),
    "a visible one": (
        lambda: _raise(GuestVisibleError("no such city")), "HostFunctionError: no such city",
    ),
    "a long one": (
        lambda: _raise(GuestVisibleError("x" * 5_000)), f"HostFunctionError: {'x' * 4_096}",
    ),
    "a TimeoutError of its own": (
        lambda: _raise(TimeoutError("10.0.0.1")), "HostFunctionError: fails",
    ),
    "a StopIteration": (lambda: next(iter(())), "HostFunctionError: fails"),
    "a TypeError of its own": (lambda: _raise(TypeError("5")), "HostFunctionError: fails"),
    "a value that cannot cross": (lambda: 1 << (8 << 17), "HostFunctionError: fails"),
    "a value that is too large": (lambda: b"x" * 100_000, "HostFunctionError: fails"),
}  # fmt: skip


def _raise(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize("kind", ["sync", "async", "threaded"])
@pytest.mark.parametrize("what", FAILURES)
def test_what_the_guest_sees_of_a_failure(facade: Facade, kind: str, what: str) -> None:
    work, seen = FAILURES[what]

    def fails() -> Any:
        return work()

    async def fails_later() -> Any:
        return work()

    function = {
        "sync": fails,
        "async": host_function(fails_later, name="fails"),
        "threaded": host_function(fails, threaded=True),
    }[kind]
    call = "await fails()" if kind == "async" else "fails()"
    with open_box(
        facade, ThreadEngine(), functions=[function], limits=Limits(value="64KiB")
    ) as box:
        assert attempt(box, call) == seen
        result = box.run("1")
        assert (result.value, result.abandoned) == (1, ())


@pytest.mark.parametrize("kind", ["async", "threaded"])
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_what_would_end_a_thread_is_a_failure_like_any_other(
    facade: Facade, kind: str, error: type[BaseException]
) -> None:
    """It must neither end the loop that others share nor leave the guest without an answer."""
    if (facade, kind) == ("async", "async") and error is not asyncio.CancelledError:
        return  # there it is the caller's own task, on the caller's own loop

    def fails() -> None:
        raise error

    async def fails_later() -> None:
        raise error

    async def works() -> int:
        return 5

    function: Any = host_function(fails, threaded=True)
    if kind == "async":
        function = host_function(fails_later, name="fails")
    call = "await fails()" if kind == "async" else "fails()"
    with open_box(facade, ThreadEngine(), functions=[function, works]) as box:
        assert attempt(box, call) == "HostFunctionError: fails"
        assert attempt(box, "await works()") == 5


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        ("add(1)", "TypeError: add(): args.y: "),
        ("add(1, 'a')", "TypeError: add(): args.y: expected int, got str 'a'"),
        ("add(1, True)", "TypeError: add(): args.y: expected int, got bool True"),
        ("add(1, 2, 3)", "TypeError: add(): args: expected at most 2 positional arguments, got 3"),
        ("add(1, y=2, z=3)", "TypeError: add(): args: "),
    ],
)
def test_arguments_that_do_not_match(facade: Facade, call: str, seen: str) -> None:
    called: list[tuple[int, int]] = []

    def add(x: int, y: int) -> int:
        called.append((x, y))
        return x + y

    with open_box(facade, ThreadEngine(), functions=[add]) as box:
        assert attempt(box, call).startswith(seen)
        assert called == []
        assert attempt(box, "add(1, y=2)") == 3


def test_a_result_that_does_not_match_is_the_host_s_failure(facade: Facade) -> None:
    def name() -> str:
        return 5  # type: ignore[return-value]

    with open_box(facade, ThreadEngine(), functions=[name]) as box:
        assert attempt(box, "name()") == "HostFunctionError: name"


# --- many at once --------------------------------------------------------------------------


def test_gather_over_many_async_calls(facade: Facade, engine_of: TestEngine) -> None:
    together = 0
    most = 0
    everybody = asyncio.Event()

    async def square(x: int) -> int:
        nonlocal together, most
        together += 1
        most = max(most, together)
        if together == 50:
            everybody.set()
        await everybody.wait()
        together -= 1
        return x * x

    code = "import asyncio\nawait asyncio.gather(*(square(i) for i in range(50)))"
    with open_box(facade, engine_of, functions=[square]) as box:
        result = box.run(code)
        assert result.value == [i * i for i in range(50)]
        assert result.usage.calls == 50
    assert most == 50


def test_quick_answers_overtake_the_word_that_the_guest_waits(
    facade: Facade, engine_of: TestEngine
) -> None:
    async def quick(x: int) -> int:
        return x

    def inline(x: int) -> int:
        return x

    code = """
import asyncio
total = 0
for i in range(200):
    total += await quick(i) + inline(i)
    total += sum(await asyncio.gather(quick(i), quick(i), quick(i)))
total
"""
    with open_box(facade, engine_of, functions=[quick, inline]) as box:
        assert box.run(code).value == 5 * sum(range(200))


def test_asyncio_run_in_the_guest(facade: Facade, engine_of: TestEngine) -> None:
    async def double(x: int) -> int:
        await asyncio.sleep(0)
        return 2 * x

    code = """
import asyncio
async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(double(i)) for i in range(5)]
    return [task.result() for task in tasks]
asyncio.run(main())
"""
    if isinstance(engine_of, ThreadEngine):
        code = code.replace("asyncio.run(main())", "await main()")
    with open_box(facade, engine_of, functions=[double]) as box:
        assert box.run(code).value == [0, 2, 4, 6, 8]


def test_a_call_that_nobody_waits_for_any_more(facade: Facade) -> None:
    never = asyncio.Event()

    async def slow() -> None:
        await never.wait()

    code = """
import asyncio
async def main():
    try:
        await asyncio.wait_for(slow(), 0.01)
    except TimeoutError:
        return "gave up"
asyncio.run(main())
"""
    with open_box(facade, SocketEngine(), functions=[slow]) as box:
        assert box.run(code).value == "gave up"
        assert box.run("1").value == 1
        assert box.run(code).value == "gave up"


@pytest.mark.usefixtures("patient")
def test_the_limit_of_calls(facade: Facade, engine_of: TestEngine) -> None:
    def f() -> int:
        return 1

    with open_box(facade, engine_of, functions=[f], limits=Limits(calls=3)) as box:
        assert box.run("f() + f() + f()").value == 3
        result = box.run("f() + f() + f() + f()")
        assert (result.status, result.limit, result.alive) == ("limit", "calls", True)
        assert result.usage.calls == 3
        assert box.run("f()").value == 1


@pytest.mark.usefixtures("patient")
def test_the_limit_of_calls_with_async_ones(facade: Facade) -> None:
    async def f() -> int:
        return 1

    code = "import asyncio\nawait asyncio.gather(f(), f(), f(), f())"
    with open_box(facade, SocketEngine(), functions=[f], limits=Limits(calls=3)) as box:
        result = box.run(code)
        assert (result.status, result.limit, result.alive) == ("limit", "calls", True)


# --- time ----------------------------------------------------------------------------------

BRIEF = 0.15


@pytest.mark.usefixtures("patient")
def test_an_async_function_is_cancelled_by_the_deadline(facade: Facade) -> None:
    cancelled = threading.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    limits = Limits(host_wall=BRIEF)
    with open_box(facade, ThreadEngine(), functions=[hang], limits=limits) as box:
        result = box.run("await hang()")
        assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
        assert cancelled.wait(PATIENCE)
        assert result.usage.host_wall >= BRIEF
        assert result.abandoned == ()


def test_an_async_function_has_a_time_of_its_own(facade: Facade) -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    function = host_function(hang, timeout=BRIEF)
    with open_box(facade, ThreadEngine(), functions=[function]) as box:
        assert attempt(box, "await hang()") == "HostFunctionError: hang (timed out)"


@pytest.mark.usefixtures("patient")
def test_a_threaded_function_is_abandoned_by_the_deadline(
    facade: Facade, release: threading.Event
) -> None:
    def hang() -> None:
        release.wait(PATIENCE)

    limits = Limits(host_wall=BRIEF)
    function = host_function(hang, threaded=True)
    with open_box(facade, ThreadEngine(), functions=[function], limits=limits) as box:
        result = box.run("hang()")
        assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
        assert result.abandoned == ("hang",)
        assert box.run("1").abandoned == ()


def test_a_threaded_function_has_a_time_of_its_own(
    facade: Facade, release: threading.Event
) -> None:
    def hang() -> None:
        release.wait(PATIENCE)

    function = host_function(hang, threaded=True, timeout=BRIEF)
    with open_box(facade, ThreadEngine(), functions=[function]) as box:
        result = box.run(TRY.format(call="hang()"))
        assert result.value == "HostFunctionError: hang (timed out)"
        assert result.abandoned == ("hang",)


def test_a_threaded_function_that_ends_late_but_within_its_turn_is_not_abandoned(
    facade: Facade, release: threading.Event
) -> None:
    def hang() -> None:
        release.wait(PATIENCE)

    def let_go() -> None:
        release.set()
        join_threads("hang")

    functions = [host_function(hang, threaded=True, timeout=BRIEF), let_go]
    with open_box(facade, ThreadEngine(), functions=functions) as box:
        result = box.run(TRY.format(call="hang()") + "let_go()\noutcome")
        assert result.value == "HostFunctionError: hang (timed out)"
        assert result.abandoned == ()


@pytest.mark.usefixtures("patient")
def test_time_in_an_inline_function_is_counted_when_it_returns(facade: Facade) -> None:
    def slow() -> int:
        threading.Event().wait(2 * BRIEF)
        return 5

    limits = Limits(host_wall=BRIEF)
    with open_box(facade, ThreadEngine(), functions=[slow], limits=limits) as box:
        result = box.run("slow()\nimport time\nwhile True: time.time()")
        assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
        assert result.usage.host_wall >= 2 * BRIEF


@pytest.mark.parametrize("process", [SocketEngine, PipeEngine])
@pytest.mark.parametrize(
    "call", ["inline()", "await later()", "(await asyncio.gather(later(), later()))[1]"]
)
def test_wall_rests_while_the_guest_waits(
    facade: Facade, process: type[TestEngine], call: str
) -> None:
    def inline() -> int:
        threading.Event().wait(1.2)
        return 1

    async def later() -> int:
        await asyncio.sleep(1.2)
        return 1

    # The first lines make the agent start a thread of its own, which must not count as the guest's.
    code = f"for i in range(200): print(i)\nimport asyncio\n{call}"
    with open_box(facade, process(), functions=[inline, later]) as box:
        box.run("import asyncio")
        result = box.run(code, limits=box.limits.replace(wall=1, host_wall=30))
        assert (result.status, result.value) == ("ok", 1)
        assert result.usage.wall < 1
        assert result.usage.host_wall >= 1.2


@pytest.mark.usefixtures("patient")
def test_wall_runs_while_a_call_is_open_and_the_guest_does_not_wait(facade: Facade) -> None:
    async def slow() -> None:
        await asyncio.Event().wait()

    code = """
import asyncio, time
task = asyncio.ensure_future(slow())
await asyncio.sleep(0)
while True: time.time()
"""
    limits = Limits(wall=2 * BRIEF)
    with open_box(facade, ThreadEngine(), functions=[slow], limits=limits) as box:
        result = box.run(code)
        assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
        assert box.run("1").value == 1


# --- cancelling ----------------------------------------------------------------------------


class Signal:
    """Lets the guest say that it has come so far."""

    def __init__(self) -> None:
        self.come = threading.Event()

    def here(self) -> None:
        self.come.set()


WAYS_TO_BE_BUSY = {
    "a busy loop": "here()\nwhile True: pass",
    "a busy loop that catches": """
first = True
while True:
    try:
        if first:
            first = False
            here()
        while True: pass
    except BaseException: pass
""",
    "a sleep": "import time\nhere()\ntime.sleep(1_000)",
    "a host call": "await hang()",
    "a threaded host call": "block()",
    "asyncio": "import asyncio\nhere()\nawait asyncio.sleep(1_000)",
    "printing": "here()\nwhile True: print(end='')",
}


@pytest.mark.parametrize("busy", WAYS_TO_BE_BUSY)
def test_cancel_from_another_thread(
    facade: Facade, busy: str, release: threading.Event, request: pytest.FixtureRequest
) -> None:
    signal = Signal()
    survives = busy != "a busy loop that catches"
    if survives:
        request.getfixturevalue("patient")

    async def hang() -> None:
        signal.here()
        await asyncio.Event().wait()

    def block() -> None:
        signal.here()
        release.wait(PATIENCE)

    functions = [signal.here, hang, host_function(block, threaded=True)]
    with open_box(facade, SocketEngine(), functions=functions) as box:
        answers: list[bool] = []

        def cancel() -> None:
            signal.come.wait(PATIENCE)
            answers.append(box.cancel())

        canceller = threading.Thread(target=cancel)
        canceller.start()
        result = box.run(WAYS_TO_BE_BUSY[busy])
        canceller.join()
        assert (result.status, result.alive, result.limit) == ("cancelled", survives, None)
        assert result.abandoned == (("block",) if busy == "a threaded host call" else ())
        assert answers == [True]
        assert box.cancel() is False
        if survives:
            assert box.run("1 + 1").value == 2
        else:
            with pytest.raises(SandboxClosed):
                box.run("1")


@pytest.mark.usefixtures("patient")
def test_cancel_while_an_inline_function_runs(facade: Facade) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def inline() -> None:
        inside.set()
        go_on.wait(PATIENCE)

    with open_box(facade, ThreadEngine(), functions=[inline]) as box:

        def cancel() -> None:
            inside.wait(PATIENCE)
            assert box.cancel()
            go_on.set()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        result = box.run("inline()\nimport time\nwhile True: time.time()")
        canceller.join()
        assert (result.status, result.alive) == ("cancelled", True)


@pytest.mark.usefixtures("patient")
def test_cancel_from_inside_a_host_function(facade: Facade) -> None:
    boxes: list[Box] = []

    def stop() -> bool:
        return boxes[0].cancel()

    with open_box(facade, ThreadEngine(), functions=[stop]) as box:
        boxes.append(box)
        result = box.run("stop()\nimport time\nwhile True: time.time()")
        assert (result.status, result.alive) == ("cancelled", True)


def test_nothing_to_cancel(facade: Facade) -> None:
    with open_box(facade, ThreadEngine()) as box:
        assert box.cancel() is False
        box.run("1")
        assert box.cancel() is False
        assert box.run("2").value == 2


@pytest.mark.usefixtures("patient")
def test_cancelling_the_task_that_awaits_ends_the_turn() -> None:
    signal = Signal()
    cancelled = threading.Event()

    async def hang() -> None:
        signal.here()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def main() -> None:
        engine = SocketEngine()
        async with engine.async_sandbox(functions=[signal.here, hang]) as box:
            for code in ("await hang()", "here()\nwhile True: pass"):
                signal.come.clear()
                task = asyncio.create_task(box.run(code))
                await asyncio.to_thread(signal.come.wait, PATIENCE)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert box.alive
                assert (await box.run("1 + 1")).value == 2
            assert cancelled.is_set()
            assert set(engine.started[0].stops) == {"interrupt"}

    asyncio.run(main())


# --- one sandbox, many users ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sync", "async", "threaded"])
def test_a_sandbox_cannot_be_used_from_inside_its_own_function(facade: Facade, kind: str) -> None:
    boxes: list[Box] = []
    caught: list[BaseException] = []

    def nested() -> str:
        try:
            boxes[0].run("1")
        except Exception as error:
            caught.append(error)
            raise
        return "ran"

    async def nested_later() -> str:
        box = boxes[0]
        try:
            if isinstance(box, AsyncBox):
                await box.sandbox.run("1")
            else:
                box.run("1")
        except Exception as error:
            caught.append(error)
            raise
        return "ran"

    if facade == "async" and kind != "async":
        # On its own loop: a sync function cannot await, so it makes the coroutine and looks.
        def nested() -> str:
            box = boxes[0]
            assert isinstance(box, AsyncBox)
            try:
                box.sandbox.run("1").send(None)
            except Exception as error:
                caught.append(error)
                raise
            return "ran"

    function: Any = {
        "sync": nested,
        "async": host_function(nested_later, name="nested"),
        "threaded": host_function(nested, threaded=True),
    }[kind]
    with open_box(facade, ThreadEngine(), functions=[function]) as box:
        boxes.append(box)
        call = "await nested()" if kind == "async" else "nested()"
        assert attempt(box, call) == "HostFunctionError: nested"
        assert [type(error) for error in caught] == [SandboxBusy]
        assert box.run("1").value == 1


def test_another_sandbox_may_be_used_from_inside(facade: Facade) -> None:
    with ThreadEngine().sandbox() as other:

        def nested(code: str) -> Any:
            return other.run(code).value

        with open_box(facade, ThreadEngine(), functions=[nested]) as box:
            assert attempt(box, "nested('2 + 3')") == 5


def test_turns_of_several_threads_queue() -> None:
    with SocketEngine().sandbox() as box:
        box.run("n = 0")
        values: list[int] = []

        def use() -> None:
            for _ in range(10):
                values.append(box.run("n += 1\nn").value)

        users = [threading.Thread(target=use) for _ in range(4)]
        for user in users:
            user.start()
        for user in users:
            user.join()
        assert sorted(values) == list(range(1, 41))


def test_turns_of_several_tasks_queue() -> None:
    async def main() -> list[Any]:
        async with SocketEngine().async_sandbox() as box:
            await box.run("n = 0")
            results = await asyncio.gather(*(box.run("n += 1\nn") for _ in range(40)))
            return [result.value for result in results]

    assert asyncio.run(main()) == list(range(1, 41))


def test_a_sandbox_is_started_once() -> None:
    engine = SocketEngine()
    box = engine.sandbox()
    results: list[Any] = []
    users = [threading.Thread(target=lambda: results.append(box.run("1").value)) for _ in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    box.close()
    assert results == [1] * 8
    assert len(engine.started) == 1

    async def main() -> None:
        engine = SocketEngine()
        box = engine.async_sandbox()
        results = await asyncio.gather(*(box.run("1") for _ in range(8)))
        await box.close()
        assert [result.value for result in results] == [1] * 8
        assert len(engine.started) == 1

    asyncio.run(main())


def test_a_host_function_of_one_sandbox_does_not_hold_up_another(
    facade: Facade, release: threading.Event
) -> None:
    inside = threading.Event()

    def block() -> None:
        inside.set()
        release.wait(PATIENCE)

    engine = ThreadEngine()
    results: list[ringfence.Result] = []
    with (
        open_box(facade, engine, functions=[host_function(block, threaded=True)]) as box,
        open_box(facade, engine) as other,
    ):
        user = threading.Thread(target=lambda: results.append(box.run("block()")))
        user.start()
        assert inside.wait(PATIENCE)
        assert other.run("1").value == 1
        release.set()
        user.join()
    assert results[0].status == "ok"


# --- stdin ---------------------------------------------------------------------------------


def test_input_from_a_function(facade: Facade) -> None:
    lines = iter(["first\n", "second", "", "third\n", ""])
    with open_box(facade, SocketEngine(), stdin=lambda: next(lines)) as box:
        code = """
import sys
read = [input("? "), input()]
try:
    input()
except EOFError:
    read.append("end")
read, sys.stdin.read()
"""
        result = box.run(code)
        assert result.value == (["first", "second", "end"], "third\n")
        assert result.stdout == "? "


def test_input_from_a_function_that_fails(facade: Facade) -> None:
    def ask() -> str:
        raise RuntimeError("secret")

    with open_box(facade, SocketEngine(), stdin=ask) as box:
        assert attempt(box, "input()") == "HostFunctionError: input"
