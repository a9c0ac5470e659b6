"""A guest with several threads and loops on its one channel."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from ringfence import host_function
from ringfence.model import Limits
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.link import Link, Slot
from ringfence_guest.protocol.framing import Frame
from tests.support.guests import SocketEngine
from tests.support.recorder import Recorder


def test_a_thread_that_waits_does_not_hold_up_another() -> None:
    """The long call is answered only after the short ones: whoever waits for the long one must not
    keep the channel for itself."""
    done = threading.Event()

    def long() -> str:
        done.wait(30)
        return "long"

    def short(i: int) -> int:
        if i == 99:
            done.set()
        return i

    code = """
import threading
from collections.abc import Callable
from typing import Any, NoReturn
answers = []
thread = threading.Thread(target=lambda: answers.append(long()))
thread.start()
short_ones = [short(i) for i in range(100)]
thread.join()
short_ones == list(range(100)) and answers == ["long"]
"""
    functions = [host_function(long, threaded=True), short]
    with SocketEngine().sandbox(functions=functions) as box:
        assert box.run(code).value is True


def test_a_loop_beside_a_thread_that_waits() -> None:
    done = threading.Event()

    def long() -> str:
        done.wait(30)
        return "long"

    async def short(i: int) -> int:
        if i == 49:
            done.set()
        return i

    code = """
import asyncio
async def main():
    waiting = asyncio.create_task(asyncio.to_thread(long))
    await asyncio.sleep(0.01)
    answers = [await short(i) for i in range(50)]
    return answers, await waiting
await main()
"""
    functions = [host_function(long, threaded=True), short]
    with SocketEngine().sandbox(functions=functions) as box:
        assert box.run(code).value == (list(range(50)), "long")


def test_many_threads_call_at_once() -> None:
    def square(x: int) -> int:
        return x * x

    code = """
import threading
from collections.abc import Callable
from typing import Any, NoReturn
answers = {}
def work(start):
    for i in range(start, start + 50):
        answers[i] = square(i)
threads = [threading.Thread(target=work, args=(50 * n,)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
answers == {i: i * i for i in range(400)}
"""
    with SocketEngine().sandbox(functions=[square]) as box:
        result = box.run(code)
        assert (result.status, result.value) == ("ok", True)
        assert result.usage.calls == 400


def test_threads_loops_and_the_main_thread_together() -> None:
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    def now(x: int) -> int:
        return x

    code = """
import asyncio, threading
answers = []
def loop(start):
    async def main():
        return await asyncio.gather(*(later(start + i) for i in range(20)))
    answers.extend(asyncio.run(main()))
threads = [threading.Thread(target=loop, args=(100 * n,)) for n in range(3)]
for thread in threads: thread.start()
for i in range(50): now(i)
for thread in threads: thread.join()
sorted(answers) == sorted(100 * n + i for n in range(3) for i in range(20))
"""
    with SocketEngine().sandbox(functions=[later, now]) as box:
        result = box.run(code)
        assert (result.status, result.value, result.error) == ("ok", True, None)


def test_threads_that_print_while_turns_end() -> None:
    """What they print between two turns belongs to the next one; no frame leaves outside of one."""
    code = """
import threading, time
stop = False
def chat(name):
    while not stop:
        print(name, flush=True)
        time.sleep(0.0002)
threads = [threading.Thread(target=chat, args=(n,), daemon=True) for n in "ab"]
for thread in threads: thread.start()
"""
    limits = Limits(output="64MiB")
    with SocketEngine().sandbox(limits=limits) as box:
        box.run(code)
        heard = ""
        for i in range(150):
            result = box.run(f"{i}")
            assert (result.status, result.value, result.error) == ("ok", i, None)
            heard += result.stdout
        assert box.run("stop = True\nfor thread in threads: thread.join()").status == "ok"
        assert set(heard) == {"a", "b", "\n"}


def test_a_thread_that_speaks_between_two_turns() -> None:
    def f() -> int:
        return 1

    code = """
import threading, time
errors = []
go = threading.Event()
def work():
    go.wait()
    time.sleep(0.05)
    for use in (f, lambda: display(1), lambda: progress(1.0)):
        try:
            use()
        except RuntimeError as error:
            errors.append(str(error))
thread = threading.Thread(target=work)
thread.start()
go.set()
"""
    engine = SocketEngine()
    with engine.sandbox(functions=[f]) as box:
        box.run(code)
        import time

        deadline = time.monotonic() + 10
        # The guest is not paused for the first moments of its idleness; wait until it has spoken.
        while time.monotonic() < deadline:
            if box.run("len(errors)").value == 3:
                break
        errors = box.run("thread.join()\nerrors").value
        assert set(errors) <= {
            "f() was called while no turn is running",
            "display: no turn is running that could carry it",
            "progress: no turn is running that could carry it",
        }


def test_a_call_that_is_open_when_its_turn_ends_is_abandoned() -> None:
    release = threading.Event()

    def slow() -> int:
        release.wait(30)
        return 1

    code = """
import threading
from collections.abc import Callable
from typing import Any, NoReturn
said = []
def work():
    try:
        said.append(slow())
    except RuntimeError as error:
        said.append(str(error))
thread = threading.Thread(target=work)
thread.start()
entered()
"""
    entered = threading.Event()

    def wait_until_entered() -> None:
        entered.wait(30)

    def slow_and_tell() -> int:
        entered.set()
        return slow()

    functions = [
        host_function(slow_and_tell, name="slow", threaded=True),
        host_function(wait_until_entered, name="entered", threaded=True),
    ]
    with SocketEngine().sandbox(functions=functions) as box:
        assert box.run(code).abandoned == ("slow",)
        assert box.run("thread.join()\nsaid").value == ["slow() was abandoned: its turn has ended"]
        release.set()
        assert box.run("1").value == 1


def test_a_task_that_is_open_when_its_turn_ends_is_abandoned() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    code = "import asyncio\ntask = asyncio.ensure_future(hang())\nawait asyncio.sleep(0)"
    seen = "try:\n    await task\nexcept RuntimeError as error:\n    seen = str(error)\nseen"
    with SocketEngine().sandbox(functions=[hang]) as box:
        assert box.run(code).status == "ok"
        assert box.run(seen).value == "hang() was abandoned: its turn has ended"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("work", ["sum(range(10_000))", "print(end='x')", "read()"])
def test_an_interrupt_reaches_the_main_thread_whatever_the_others_do(work: str) -> None:
    """It may come while another thread moves a frame; then it must not be raised there."""

    def read() -> bytes:
        return b"x" * 1_000

    code = f"""
import threading
from collections.abc import Callable
from typing import Any, NoReturn
stop = False
def work():
    while not stop:
        {work}
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
try:
    while True: pass
except KeyboardInterrupt:
    stop = True
    for thread in threads: thread.join()
    raise
"""
    limits = Limits(output="64MiB", calls=1_000_000)
    with SocketEngine().sandbox(functions=[read], limits=limits) as box:
        box.run("1")
        for _ in range(5):
            result = box.run(code, limits=limits.replace(wall=0.1))
            assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
            assert box.run("1 + 1").value == 2


def gone() -> NoReturn:
    raise AssertionError("the host is there")


class WatchedSlots(dict[int, Slot]):
    """Open calls that call ``look`` around their being taken out, as another thread may look."""

    look: Callable[[], None]

    def pop(self, *args: Any) -> Any:
        self.look()
        slot = super().pop(*args)
        self.look()
        return slot


def test_a_loop_that_looks_while_a_thread_takes_the_last_answer_in() -> None:
    """The host has answered everything then, and would end a guest that says it waits."""
    channel = Recorder()
    link = Link(channel, Interrupts(), gone)
    link.begin_turn(1)
    slots = link._slots = WatchedSlots()
    slots.look = link.declare_waiting
    number = link.open_call("add", [1], {}, Slot(), waits=True)
    channel.sent.clear()
    link._hand_out(Frame({"type": "reply", "id": number, "ok": True}, b"1", b""))
    link.declare_waiting()
    assert channel.sent == []
