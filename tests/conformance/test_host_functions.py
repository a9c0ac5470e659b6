"""What the host lends to a guest: calls, validation, errors, threads."""

from __future__ import annotations

import asyncio
import functools
import threading
from dataclasses import dataclass
from typing import Any, Literal

import pytest

import ringfence
from ringfence import GuestVisibleError, Limits, host_function
from tests.conformance.conftest import Make, MakeAsync, Run, finish


def add(a: int, b: int = 10) -> int:
    """Add two numbers."""
    return a + b


async def add_later(a: int, b: int = 10) -> int:
    """Add two numbers, in a while."""
    await asyncio.sleep(0)
    return a + b


def _failure(result: ringfence.Result) -> tuple[str, str]:
    assert result.status == "error", result
    assert result.error is not None
    return result.error.type, result.error.message


@pytest.mark.requirement("host.sync")
def test_call(run: Run) -> None:
    result = run("add(1, 2), add(5)", functions=[add])
    assert result.value == (3, 15)
    assert result.usage.calls == 2


@pytest.mark.requirement("host.sync")
def test_values_cross_as_they_are(make: Make) -> None:
    seen: list[Any] = []

    def take(value: Any) -> Any:
        seen.append(value)
        return value

    result = make(functions=[take]).run(
        "given = [1, 2.5, 'a', b'b', None, (1,), {2}, {'k': {3: [4]}}, 10**30]\ntake(given) == given"
    )
    assert result.value is True
    assert seen == [[1, 2.5, "a", b"b", None, (1,), {2}, {"k": {3: [4]}}, 10**30]]


@pytest.mark.requirement("host.binding")
@pytest.mark.parametrize(
    ("call", "bound"),
    [
        ("f(1)", (1, 2, (), 3, {})),
        ("f(1, 5)", (1, 5, (), 3, {})),
        ("f(1, 5, 6, 7)", (1, 5, (6, 7), 3, {})),
        ("f(1, c=9)", (1, 2, (), 9, {})),
        ("f(1, b=4, x=1, y=2)", (1, 4, (), 3, {"x": 1, "y": 2})),
        ("f(*[1, 2], **{'c': 5})", (1, 2, (), 5, {})),
    ],
)
def test_arguments_bind_as_in_python(make: Make, call: str, bound: Any) -> None:
    def f(a: int, /, b: int = 2, *rest: int, c: int = 3, **others: int) -> Any:
        return a, b, rest, c, others

    assert make(functions=[f]).run(call).value == bound


class _Store:
    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def put(self, key: str, value: int) -> int:
        self.kept[key] = value
        return len(self.kept)

    def __call__(self, key: str) -> int:
        return self.kept[key]


@pytest.mark.requirement("host.kinds")
def test_kinds_of_callables(make: Make) -> None:
    store = _Store()
    box = make(
        functions={
            "put": store.put,
            "get": store,
            "add_five": functools.partial(add, 5),
            "renamed": host_function(add, name="other_name"),
        }
    )
    code = "put('a', 1), put('b', 2), get('b'), add_five(1), add_five(b=3), renamed(1)"
    assert box.run(code).value == (1, 2, 2, 6, 8, 11)
    assert store.kept == {"a": 1, "b": 2}


@pytest.mark.requirement("host.kinds")
def test_decorator(make: Make) -> None:
    @host_function
    def plain(x: int) -> int:
        return x + 1

    @host_function(name="second")
    def _named(x: int) -> int:
        return x + 2

    assert make(functions=[plain, _named]).run("plain(1), second(1)").value == (2, 3)
    assert plain(1) == 2


@pytest.mark.requirement("host.module")
def test_module_host(make: Make) -> None:
    box = make(functions=[add])
    assert box.run("import host\nfrom host import add as plus\nhost.add(1), plus(2)").value == (
        11,
        12,
    )
    names = box.run("sorted(n for n in vars(host) if not n.startswith('_'))").value
    assert names == ["HostFunctionError", "add", "display", "progress"]
    assert box.run("host.__doc__").value == "What the host lends to this program."


@pytest.mark.requirement("host.described")
def test_description(make: Make) -> None:
    box = make(functions=[add, add_later])
    assert box.run("add.__name__, add.__module__, add.__doc__").value == (
        "add",
        "host",
        "add(a: int, b: int = 10) -> int\n\nAdd two numbers.",
    )
    shown = box.run("help(add)").stdout
    assert "Add two numbers." in shown
    code = (
        "import inspect\ninspect.iscoroutinefunction(add), inspect.iscoroutinefunction(add_later)"
    )
    assert box.run(code).value == (False, True)
    assert box.run("callable(add), inspect.signature(add) is not None").value == (True, True)


_MISMATCHES = [
    ("f('1')", "f(): args.a: expected int, got str '1'"),
    ("f(True)", "f(): args.a: expected int, got bool True"),
    ("f(1.0)", "f(): args.a: expected int, got float 1.0"),
    ("f(None)", "f(): args.a: expected int, got None"),
    ("f()", "f(): args.a: expected int, got nothing"),
    ("f(1, 2)", "f(): args.mode: expected one of 'r', 'w', got int 2"),
    ("f(1, 'r', 3)", "f(): args: expected at most 2 positional arguments, got 3"),
    ("f(1, a=2)", "f(): args.a: expected int, got several values"),
    (
        "f(1, x=2)",
        "f(): args: expected (a: int, mode: 'r' | 'w' = 'r'), got an unknown argument str 'x'",
    ),
    ("f(object())", "f(): args.a: expected int, got an object of type 'object' that cannot cross"),
    ("f([1])", "f(): args.a: expected int, got list of 1 item"),
]


@pytest.mark.requirement("host.validated")
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("call", "message"), _MISMATCHES)
def test_mismatch_is_the_guests_type_error(
    make: Make, call: str, message: str, asynchronous: bool
) -> None:
    ran = []

    def f(a: int, mode: Literal["r", "w"] = "r") -> None:
        ran.append((a, mode))

    async def f_async(a: int, mode: Literal["r", "w"] = "r") -> None:
        ran.append((a, mode))

    box = make(functions={"f": f_async if asynchronous else f})
    result = box.run(f"await {call}" if asynchronous else call)
    kind, text = _failure(result)
    assert kind == "TypeError"
    if "several" not in message and "unknown" not in message:
        assert text == message
    assert ran == []
    assert box.run("await f(1)" if asynchronous else "f(1)").status == "ok"


@dataclass
class Item:
    name: str
    price: float = 0.0


@pytest.mark.requirement("host.declared")
def test_declared_classes(make: Make) -> None:
    seen: list[Item] = []

    def record(item: Item, others: list[Item] | None = None) -> Item:
        seen.extend([item, *(others or [])])
        return Item(item.name.upper(), item.price * 2)

    box = make(functions=[record])
    code = (
        "from dataclasses import dataclass\n@dataclass\nclass Mine:\n    name: str\n    price: float\n"
        "made = record(Mine('a', 1.5), [{'name': 'b'}])\nmade.name, made.price, type(made).__name__"
    )
    assert box.run(code).value == ("A", 3.0, "Record")
    assert seen == [Item("a", 1.5), Item("b", 0.0)]
    assert _failure(box.run("record({'name': 5})")) == (
        "TypeError",
        "record(): args.item.name: expected str, got int 5",
    )


@pytest.mark.requirement("host.caller-thread")
def test_sync_function_runs_on_the_calling_thread(make: Make) -> None:
    threads: list[threading.Thread] = []

    def where() -> None:
        threads.append(threading.current_thread())

    make(functions=[where]).run("where()").raise_for_status()
    assert threads == [threading.current_thread()]


@pytest.mark.requirement("host.caller-thread", "tasks.parity")
def test_functions_run_on_the_loop_of_an_async_sandbox(make_async: MakeAsync) -> None:
    seen: list[Any] = []

    def plain() -> None:
        seen.append(asyncio.get_running_loop())

    async def awaited() -> None:
        seen.append(asyncio.get_running_loop())

    async def work() -> None:
        async with make_async(functions=[plain, awaited]) as box:
            (await box.run("plain()\nawait awaited()")).raise_for_status()
            assert seen == [asyncio.get_running_loop()] * 2

    finish(work())


# --- errors ---------------------------------------------------------------------------------


class _Secret(Exception):
    pass


@pytest.mark.requirement("host.exception")
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("postgres://user:password@db/"),
        _Secret("/etc/shadow"),
        KeyError("password"),
        TimeoutError("password"),
        TimeoutError("password"),
        StopIteration("password"),
        ringfence.ConfigurationError("password"),
        ringfence.SandboxBusy("password"),
        ExceptionGroup("password", [ValueError("password")]),
    ],
)
def test_exception_is_hidden(make: Make, error: Exception, asynchronous: bool) -> None:
    def fail() -> None:
        raise error

    async def fail_async() -> None:
        raise error

    box = make(functions={"fail": fail_async if asynchronous else fail})
    result = box.run("await fail()" if asynchronous else "fail()")
    assert _failure(result) == ("HostFunctionError", "fail")
    for secret in ("password", "shadow", "postgres", "_Secret", __file__):
        assert secret not in repr(result)
    caught = "    seen = [str(e), repr(e), e.args, e.__cause__, e.__context__]\nseen"
    call = "await fail()" if asynchronous else "fail()"
    assert box.run(f"try:\n    {call}\nexcept HostFunctionError as e:\n{caught}").value == [
        "fail",
        "HostFunctionError('fail')",
        ("fail",),
        None,
        None,
    ]


@pytest.mark.requirement("host.visible")
@pytest.mark.parametrize("asynchronous", [False, True])
def test_visible_error(make: Make, asynchronous: bool) -> None:
    def fail(city: str) -> None:
        raise GuestVisibleError(f"no such city: {city}")

    async def fail_async(city: str) -> None:
        raise GuestVisibleError(f"no such city: {city}")

    box = make(functions={"fail": fail_async if asynchronous else fail})
    result = box.run("await fail('Ä')" if asynchronous else "fail('Ä')")
    assert _failure(result) == ("HostFunctionError", "no such city: Ä")


@pytest.mark.requirement("host.visible")
def test_visible_error_hides_its_cause(make: Make) -> None:
    def fail() -> None:
        try:
            raise RuntimeError("password")
        except RuntimeError as error:
            raise GuestVisibleError("try again") from error

    result = make(functions=[fail]).run("fail()")
    assert _failure(result) == ("HostFunctionError", "try again")
    assert "password" not in repr(result)


@pytest.mark.requirement("host.caught")
def test_guest_goes_on_after_a_failure(make: Make) -> None:
    def fail() -> None:
        raise RuntimeError

    code = "seen = 0\nfor _ in range(5):\n    try:\n        fail()\n    except HostFunctionError:\n        seen += 1\nseen"
    assert make(functions=[fail]).run(code).value == 5


@pytest.mark.requirement("host.result-checked")
@pytest.mark.parametrize("value", ["5", None, 5.5, True, [5], add_later])
def test_result_that_breaks_the_annotation_is_hidden(make: Make, value: Any) -> None:
    def number() -> int:
        return value  # type: ignore[no-any-return]

    assert _failure(make(functions=[number]).run("number()")) == ("HostFunctionError", "number")


@pytest.mark.requirement("host.result-checked")
def test_result_holds_declared_fields_only(make: Make) -> None:
    @dataclass
    class Rich(Item):
        secret: str = "password"

    def item() -> Item:
        return Rich("a")

    box = make(functions=[item])
    assert box.run("item().fields").value == {"name": "a", "price": 0.0}
    assert "password" not in repr(box.run("item()"))


@pytest.mark.requirement("host.result-checked")
def test_forgotten_await_is_hidden(make: Make) -> None:
    def number() -> int:
        return add_later(1)  # type: ignore[return-value]

    assert _failure(make(functions=[number]).run("number()")) == ("HostFunctionError", "number")


@pytest.mark.requirement("host.opaque-argument")
def test_guest_object_is_opaque(make: Make) -> None:
    seen: list[Any] = []

    def take(value: Any) -> None:
        seen.append(value)

    make(functions=[take]).run("take(lambda: 1)\ntake(open)").raise_for_status()
    assert [type(value) for value in seen] == [ringfence.Opaque] * 2
    assert seen[0].type_name == "function"


@pytest.mark.requirement("host.base-exception")
def test_keyboard_interrupt_on_the_host(make: Make) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    box = make(functions=[interrupted])
    with pytest.raises(KeyboardInterrupt):
        box.run("interrupted()")
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


@pytest.mark.requirement("host.own")
def test_functions_belong_to_their_sandbox(make: Make) -> None:
    lent = make(functions=[add])
    bare = make()
    assert lent.run("add(1)").value == 11
    assert _failure(bare.run("add(1)")) == ("NameError", "name 'add' is not defined")
    assert _failure(bare.run("import host\nhost.add"))[0] == "AttributeError"


@pytest.mark.requirement("host.own")
def test_guest_may_hide_and_find_a_function(make: Make) -> None:
    box = make(functions=[add])
    assert box.run("add = len\nadd([1])").value == 1
    assert box.run("import host\nhost.add(1)").value == 11


# --- async ----------------------------------------------------------------------------------


@pytest.mark.requirement("host.async")
def test_await(make: Make) -> None:
    box = make(functions=[add_later])
    assert box.run("await add_later(1, 2)").value == 3
    assert box.run("x = await add_later(b=5, a=1)\nx").value == 6


@pytest.mark.requirement("host.gather")
def test_gather_has_all_calls_open_at_once(make: Make) -> None:
    met: list[int] = []
    everybody = asyncio.Event()

    async def meet(number: int) -> int:
        met.append(number)
        if len(met) == 20:
            everybody.set()
        await everybody.wait()
        return number

    box = make(functions=[meet])
    result = box.run("import asyncio\nawait asyncio.gather(*[meet(i) for i in range(20)])")
    assert result.value == list(range(20))
    assert sorted(met) == list(range(20))


@pytest.mark.requirement("host.any-order")
def test_answers_in_any_order(make: Make) -> None:
    gates: dict[int, asyncio.Event] = {n: asyncio.Event() for n in range(5)}
    gates[4].set()

    async def after(number: int) -> int:
        await gates[number].wait()
        if number:
            gates[number - 1].set()
        return number

    code = (
        "import asyncio\norder = []\n"
        "async def one(n):\n    order.append(await after(n))\n"
        "await asyncio.gather(*[one(n) for n in range(5)])\norder"
    )
    assert make(functions=[after]).run(code).value == [4, 3, 2, 1, 0]


@pytest.mark.requirement("host.taskgroup")
def test_task_groups(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def work(n):\n    return await add_later(n) + await add_later(n, 0)\n"
        "async with asyncio.TaskGroup() as group:\n"
        "    tasks = [group.create_task(work(n)) for n in range(10)]\n"
        "[task.result() for task in tasks]"
    )
    box = make(functions=[add_later])
    for _ in range(20):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [2 * n + 10 for n in range(10)]


@pytest.mark.requirement("host.taskgroup")
def test_sync_calls_between_async_ones(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def one(n):\n    await add_later(n)\n    add(n)\n    return await add_later(add(n), 0)\n"
        "await asyncio.gather(*[one(n) for n in range(20)])"
    )
    box = make(functions=[add, add_later])
    for _ in range(10):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [n + 10 for n in range(20)]


@pytest.mark.requirement("host.taskgroup")
def test_failure_cancels_the_group(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def fail() -> None:
        raise GuestVisibleError("this one")

    code = (
        "import asyncio\n"
        "try:\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(never())\n        group.create_task(fail())\n"
        "except* HostFunctionError as caught:\n    seen = [str(e) for e in caught.exceptions]\nseen"
    )
    result = make(functions=[never, fail]).run(code)
    assert result.value == ["this one"]
    assert cancelled.wait(30)


@pytest.mark.requirement("host.async-cancelled")
def test_end_of_the_turn_cancels_open_calls(make: Make) -> None:
    cancelled = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    box = make(functions=[never])
    code = "import asyncio\ntask = asyncio.ensure_future(never())\nawait asyncio.sleep(0)\n'left'"
    assert box.run(code).value == "left"
    assert cancelled.wait(30)
    assert box.run("1").value == 1


@pytest.mark.requirement("host.timeout")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_timeout_of_a_function(make: Make, make_async: MakeAsync, shell: str) -> None:
    @host_function(timeout=0.05)
    async def never() -> None:
        await asyncio.Event().wait()

    code = "try:\n    await never()\nexcept HostFunctionError as e:\n    seen = str(e)\nseen"

    async def work() -> Any:
        async with make_async(functions=[never]) as box:
            return (await box.run(code)).value

    value = make(functions=[never]).run(code).value if shell == "sync" else finish(work())
    assert value == "never (timed out)"


@pytest.mark.requirement("host.timeout-refused")
@pytest.mark.parametrize("timeout", [1, 0.5])
def test_timeout_of_a_plain_function_is_refused(timeout: float) -> None:
    with pytest.raises(ringfence.PolicyNotEnforceable) as caught:
        host_function(add, timeout=timeout)
    assert str(caught.value) == (
        "add(): a timeout cannot be enforced on a function that runs on the caller's thread; "
        "make it `async def`, or register it with threaded=True"
    )


# --- threads --------------------------------------------------------------------------------


@pytest.mark.requirement("host.threaded")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_threaded(make: Make, make_async: MakeAsync, shell: str) -> None:
    threads: list[threading.Thread] = []

    @host_function(threaded=True)
    def where(number: int) -> int:
        threads.append(threading.current_thread())
        return number * 2

    async def work() -> ringfence.Result:
        async with make_async(functions=[where]) as box:
            return await box.run("where(21)")

    box = make(functions=[where])
    result = box.run("where(21)") if shell == "sync" else finish(work())
    assert (result.value, result.abandoned) == (42, ())
    assert threads[0] is not threading.current_thread()


@pytest.mark.requirement("host.abandoned")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_abandoned(make: Make, make_async: MakeAsync, shell: str) -> None:
    release = threading.Event()

    @host_function(threaded=True)
    def stuck() -> None:
        release.wait()

    limits = Limits(host_wall=0.3)

    async def work() -> None:
        async with make_async(functions=[stuck], limits=limits) as box:
            result = await box.run("stuck()")
            assert (result.status, result.limit) == ("limit", "host_wall")
            assert result.abandoned == ("stuck",)
            after = await box.run("1")
            assert (after.value, after.abandoned) == (1, ())

    try:
        if shell == "async":
            finish(work())
            return
        box = make(functions=[stuck], limits=limits)
        result = box.run("stuck()")
        assert (result.status, result.limit) == ("limit", "host_wall")
        assert (result.abandoned, result.alive) == (("stuck",), True)
        after = box.run("1")
        assert (after.value, after.abandoned) == (1, ())
    finally:
        release.set()


@pytest.mark.requirement("host.abandoned", "host.timeout")
@pytest.mark.parametrize("shell", ["sync", "async"])
def test_threaded_call_that_timed_out(make: Make, make_async: MakeAsync, shell: str) -> None:
    release = threading.Event()

    @host_function(threaded=True, timeout=0.05)
    def stuck() -> None:
        release.wait()

    code = "try:\n    stuck()\nexcept HostFunctionError as e:\n    seen = str(e)\nseen"

    async def work() -> ringfence.Result:
        async with make_async(functions=[stuck]) as box:
            return await box.run(code)

    try:
        box = make(functions=[stuck])
        result = box.run(code) if shell == "sync" else finish(work())
    finally:
        release.set()
    assert (result.value, result.abandoned) == ("stuck (timed out)", ("stuck",))


@pytest.mark.requirement("host.abandoned")
def test_late_answer_of_an_abandoned_call_reaches_no_later_turn(make: Make) -> None:
    release = threading.Event()
    ended = threading.Event()

    @host_function(threaded=True)
    def stuck() -> str:
        release.wait()
        ended.set()
        return "late"

    def fresh() -> str:
        release.set()
        ended.wait()
        return "fresh"

    box = make(functions=[stuck, fresh], limits=Limits(host_wall=0.3))
    assert box.run("stuck()").limit == "host_wall"
    assert box.run("[fresh() for _ in range(3)]").value == ["fresh"] * 3


@pytest.mark.requirement("host.guest-threads")
def test_guest_threads_call_host_functions(make: Make) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(6) as pool:\n    seen = list(pool.map(add, range(60)))\nseen"
    )
    box = make(functions=[add])
    assert box.run(code).value == [n + 10 for n in range(60)]


@pytest.mark.requirement("host.guest-threads")
def test_guest_threads_and_coroutines_together(make: Make) -> None:
    code = (
        "import asyncio\n"
        "async def main():\n"
        "    return await asyncio.gather(*[asyncio.to_thread(add, n) for n in range(20)],"
        " *[add_later(n) for n in range(20)])\n"
        "asyncio.run(main())"
    )
    box = make(functions=[add, add_later])
    for _ in range(5):
        result = box.run(code)
        assert result.status == "ok", result.error
        assert result.value == [n + 10 for n in range(20)] * 2


# --- using sandboxes from host functions ----------------------------------------------------


@pytest.mark.requirement("host.busy", "close.inside")
@pytest.mark.parametrize("kind", ["sync", "async", "threaded"])
@pytest.mark.parametrize("action", ["run", "call", "stream", "close"])
def test_own_sandbox_is_busy(make: Make, kind: str, action: str) -> None:
    seen: list[str] = []

    def use() -> None:
        actions = {
            "run": lambda: box.run("1"),
            "call": lambda: box.call("f"),
            "stream": lambda: list(box.stream("1")),
            "close": lambda: box.close(),
        }
        try:
            actions[action]()
        except ringfence.SandboxBusy as error:
            seen.append(str(error))

    async def use_async() -> None:
        use()

    function: Any = {
        "sync": use,
        "async": use_async,
        "threaded": host_function(use, threaded=True, name="use"),
    }[kind]
    box = make(functions={"use": function})
    result = box.run("await use()\n5" if kind == "async" else "use()\n5")
    assert (result.status, result.value) == ("ok", 5)
    assert seen == ["a sandbox cannot be used from inside one of its own host functions"]
    assert box.run("1").value == 1


@pytest.mark.requirement("host.busy", "close.inside", "tasks.parity")
@pytest.mark.parametrize("action", ["run", "close"])
def test_own_async_sandbox_is_busy(make_async: MakeAsync, action: str) -> None:
    async def work() -> None:
        async def use() -> None:
            with pytest.raises(ringfence.SandboxBusy):
                await (box.run("1") if action == "run" else box.close())

        async with make_async(functions=[use]) as box:
            assert (await box.run("await use()\n5")).value == 5
            assert (await box.run("1")).value == 1

    finish(work())


@pytest.mark.requirement("host.other-sandbox")
def test_another_sandbox_may_be_used(make: Make) -> None:
    inner = make()

    def ask(code: str) -> int:
        value = inner.run(code).value
        assert isinstance(value, int)
        return value

    outer = make(functions=[ask])
    assert outer.run("ask('6 * 7') + 1").value == 43


@pytest.mark.requirement("host.other-sandbox", "tasks.parity")
def test_another_async_sandbox_may_be_used(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as inner:

            async def ask(code: str) -> int:
                value = (await inner.run(code)).value
                assert isinstance(value, int)
                return value

            async with make_async(functions=[ask]) as outer:
                assert (await outer.run("await ask('6 * 7') + 1")).value == 43

    finish(work())
