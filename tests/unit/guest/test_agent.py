"""The agent: what a turn may leave behind, and what it tells the host of its end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ringfence import host_function
from ringfence.model import Limits
from ringfence_guest.interrupts import Interrupts
from tests.support.guests import SocketEngine, ThreadEngine


def test_names_stay_from_turn_to_turn() -> None:
    with ThreadEngine().sandbox() as box:
        box.run("x = 1\ndef f(n, *, k=0): return x + n + k")
        assert box.call("f", 1, k=2).value == 4
        assert box.run("x += 1\nx").value == 2
        assert box.call("f", 1).value == 3


def test_calling_what_is_not_there() -> None:
    with ThreadEngine().sandbox() as box:
        result = box.call("f")
        assert result.error is not None
        assert (result.error.type, result.error.message) == (
            "NameError", "name 'f' is not defined",
        )  # fmt: skip
        box.run("f = 5")
        result = box.call("f")
        assert result.error is not None
        assert result.error.type == "TypeError"


def test_calling_an_async_function() -> None:
    async def double(x: int) -> int:
        return 2 * x

    with SocketEngine().sandbox(functions=[double]) as box:
        box.run("async def f(x): return await double(x) + 1")
        assert box.call("f", 20).value == 41


def test_cells_are_numbered_unless_they_have_a_name() -> None:
    with ThreadEngine().sandbox() as box:
        for name in ("<cell 1>", "<cell 2>"):
            result = box.run("1 / 0")
            assert result.error is not None
            assert f'File "{name}", line 1' in result.error.traceback
        result = box.run("1 / 0", filename="mine.py")
        assert result.error is not None
        assert 'File "mine.py", line 1, in <module>\n    1 / 0\n' in result.error.traceback
        result = box.run("1 / 0")
        assert result.error is not None
        assert 'File "<cell 3>", line 1' in result.error.traceback


def test_inputs_are_variables() -> None:
    with ThreadEngine().sandbox() as box:
        assert box.run("a + b['x']", inputs={"a": 1, "b": {"x": 2}}).value == 3
        assert box.run("a").value == 1


def test_modules_from_the_host() -> None:
    modules = {
        "tool": "import tool.part\nname = __name__\ndef f(): return tool.part.value",
        "tool.part": "value = 7",
        "deep.inside.it": "x = 1",
        "broken": "def g():\n    return 1 / 0\n",
    }
    with SocketEngine().sandbox(modules=modules) as box:
        assert box.run("import tool\ntool.name, tool.f()").value == ("tool", 7)
        assert box.run("from deep.inside import it\nit.x").value == 1
        result = box.run("import broken\nbroken.g()")
        assert result.error is not None
        assert 'File "<module broken>", line 2, in g\n    return 1 / 0\n' in result.error.traceback
        result = box.run("import missing")
        assert result.error is not None
        assert result.error.type == "ModuleNotFoundError"


def test_files_from_the_host() -> None:
    files = {"a.txt": b"A", "folder/b.bin": b"\0B"}
    with SocketEngine().sandbox(files=files) as box:
        assert box.run("open('a.txt').read(), open('folder/b.bin', 'rb').read()").value == (
            "A", b"\0B",
        )  # fmt: skip


def test_the_module_of_the_host() -> None:
    def lookup(city: str, limit: int = 5) -> dict[str, float]:
        """Where a city is."""
        return {city: float(limit)}

    with SocketEngine().sandbox(functions=[lookup]) as box:
        code = "import host\nhost.lookup('x'), host.lookup.__name__, host.lookup.__doc__"
        value = box.run(code).value
        assert value[:2] == ({"x": 5.0}, "lookup")
        assert "Where a city is." in value[2]
        assert "(city: str, limit: int = 5)" in value[2]
        assert box.run("host.HostFunctionError is HostFunctionError").value is True


# --- ends ----------------------------------------------------------------------------------


def test_no_memory() -> None:
    with SocketEngine(memory=400 << 20).sandbox() as box:
        for code in ("x = bytearray(1 << 40)", "x = []\nwhile True: x.append(bytes(1 << 20))"):
            result = box.run(code)
            assert (result.status, result.limit, result.alive) == ("limit", "memory", True)
        assert box.run("x = None\n1 + 1").value == 2


_LOST = "error return without exception set"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (f"raise SystemError({_LOST!r})", ("limit", "memory", "MemoryError")),
        ("raise SystemError('bad argument')", ("error", None, "SystemError")),
        (f"raise SystemError({_LOST!r}, 1)", ("error", None, "SystemError")),
        ("raise SystemError(5)", ("error", None, "SystemError")),
        (f"class E(SystemError): pass\nraise E({_LOST!r})", ("error", None, "E")),
        (
            f"class S(str): __eq__ = None\nraise SystemError(S({_LOST!r}))",
            ("error", None, "SystemError"),
        ),
    ],
)
def test_what_cpython_raises_for_a_memory_error_that_it_has_lost(
    code: str, told: tuple[str, str | None, str]
) -> None:
    with ThreadEngine().sandbox() as box:
        result = box.run(code)
        assert result.error is not None
        assert (result.status, result.limit, result.error.type.rpartition(".")[2]) == told


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("b'x' * 2_000", "value"),
        ("'x' * 2_000", "value"),
        ("[0] * 2_000", "value"),
        ("','*200", "value"),
        ("{i: i for i in range(100)}", "value"),
    ],
)
def test_a_value_that_is_too_large(code: str, limit: str) -> None:
    with ThreadEngine().sandbox(limits=Limits(value=1_024)) as box:
        result = box.run(code)
        assert (result.status, result.limit, result.alive) == ("limit", limit, True)
        assert box.run("1").value == 1


def test_the_value_of_one_turn_may_be_larger() -> None:
    with ThreadEngine().sandbox(limits=Limits(value=1_024)) as box:
        larger = box.limits.replace(value=100_000)
        assert box.run("b'x' * 50_000", limits=larger).value == b"x" * 50_000
        assert box.run("b'x' * 50_000").limit == "value"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("x = []\nx.append(x)\nx", "EncodeError"),
        ("class A:\n    def __repr__(self): raise KeyboardInterrupt\nA()", None),
        ("class A:\n    @property\n    def __class__(self): raise ValueError('no')\nA()", None),
        ("1 << (8 << 17)", "EncodeError"),
        ("raise BaseException('b')", "BaseException"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
        ("raise StopIteration", "StopIteration"),
    ],
)
def test_what_cannot_cross_and_what_nobody_catches(code: str, kind: str | None) -> None:
    with ThreadEngine().sandbox() as box:
        result = box.run(code)
        assert result.status in ("ok", "error")
        assert result.alive
        if kind is not None:
            assert result.error is not None
            assert result.error.type == kind
        assert box.run("1").value == 1


def test_a_process_that_ends_itself() -> None:
    with SocketEngine().sandbox() as box:
        result = box.run("import os\nprint('bye')\nimport sys; sys.stdout.flush()\nos._exit(3)")
        assert (result.status, result.alive, result.stdout) == ("crashed", False, "bye\n")
        assert result.error is not None
        assert (result.error.type, result.error.message) == ("Exit", "ended with exit code 3")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL", "SIGABRT"])
def test_a_process_that_is_killed(name: str) -> None:
    with SocketEngine().sandbox() as box:
        result = box.run(f"import os, signal\nos.kill(os.getpid(), signal.{name})")
        assert (result.status, result.alive) == ("crashed", False)
        assert result.error is not None
        assert result.error.type == name


def test_an_agent_ends_with_its_host() -> None:
    engine = SocketEngine()
    box = engine.sandbox()
    box.run("1")
    process = engine.started[0].process
    engine.started[0].channel.end.close()
    assert process.wait(30) == 0
    box.close()


# --- interrupts ----------------------------------------------------------------------------


def test_interrupts_are_raised_only_in_guest_code_and_between_frames() -> None:
    interrupts = Interrupts()
    interrupts.interrupt()
    interrupts.begin()
    with pytest.raises(KeyboardInterrupt):
        interrupts.interrupt()
    interrupts.interrupt()  # the host repeats it; the program is cleaning up
    interrupts.begin()
    interrupts.hold()
    interrupts.hold()
    interrupts.interrupt()
    interrupts.release()
    with pytest.raises(KeyboardInterrupt):
        interrupts.release()
    assert (interrupts.held, interrupts.arrived) == (0, False)
    interrupts.begin()
    interrupts.hold()
    interrupts.interrupt()
    interrupts.active = False
    interrupts.release()
    assert (interrupts.held, interrupts.arrived) == (0, False)


def test_what_other_threads_do_holds_no_interrupt_back() -> None:
    import threading

    interrupts = Interrupts()
    interrupts.begin()
    thread = threading.Thread(target=interrupts.hold)
    thread.start()
    thread.join()
    assert interrupts.held == 0
    interrupts.hold()
    thread = threading.Thread(target=interrupts.release)
    thread.start()
    thread.join()
    assert interrupts.held == 1
    interrupts.interrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupts.release()


@pytest.mark.usefixtures("patient")
def test_an_interrupted_coroutine_cleans_up() -> None:
    code = """
import asyncio
try:
    await asyncio.sleep(1_000)
finally:
    print("cleaned up")
    await asyncio.sleep(0)
    print("after an await")
"""
    with SocketEngine().sandbox() as box:
        box.run("import asyncio")
        result = box.run(code, limits=box.limits.replace(wall=0.2))
        assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
        assert box.run("await asyncio.sleep(0, 5)").value == 5


@pytest.mark.usefixtures("patient")
def test_an_interrupt_while_a_call_is_open() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    with SocketEngine().sandbox(functions=[hang]) as box:
        limits = box.limits.replace(host_wall=0.2)
        for code in ("await hang()", "import asyncio\nawait asyncio.gather(hang(), hang())"):
            result = box.run(code, limits=limits)
            assert (result.status, result.limit, result.alive) == ("limit", "host_wall", True)
        assert box.run("1").value == 1


def test_what_a_guest_does_to_its_own_modules_harms_only_itself() -> None:
    """The agent's objects are the guest's; the host only ever sees bytes."""

    def f() -> int:
        return 1

    hostile: list[tuple[str, set[Any]]] = [
        ("import ringfence_guest.link as l\nl.Link.send = None\nprint('x')", {"ok"}),
        ("import ringfence_guest.protocol.codec as c\nc.encode = None\n1", {"crashed", "error"}),
        ("import ringfence_guest.link as l\nl.Link.end_turn = None", {"crashed"}),
        ("import os\nos.closerange(3, 10_000)", {"crashed"}),
        ("import sys\nsys.modules.clear()\n1", {"ok", "error", "crashed"}),
    ]
    for code, endings in hostile:
        with SocketEngine().sandbox(functions=[host_function(f)]) as box:
            result = box.run(code, limits=box.limits.replace(wall=2))
            assert result.status in endings, (code, result)
