"""What the host lends to a guest: what is called with what, and what the guest sees of it."""

from __future__ import annotations

import asyncio
import functools
import threading
from dataclasses import dataclass
from typing import Any, Literal

import pytest

import ringfence
from ringfence import host_function
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
