"""Cancelling at every point of a turn, five hundred times."""

from __future__ import annotations

import asyncio
import io
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence import AsyncSandbox, Limits, Sandbox

_SWALLOWS = "while True:\n    try:\n        while True: x = 1\n    except BaseException: pass"
_ENDLESS = {
    "spins": "while True: pass",
    "prints": "while True: print('x')",
    "sleeps": "import time\nwhile True: time.sleep(1000)",
    "calls": "while True: echo(1)",
    "waits for an async function": "await never()",
    "calls and does not wait": "[echo_later(1) for _ in iter(int, 1)]",
    "waits for a threaded function": "held()",
    "reports": "while True: progress(0.5, 'x')",
    "shows": "while True: display('x')",
    "cleans up": "try:\n    while True: pass\nfinally: print('bye')",
    "starts threads": (
        "import threading\n"
        "while True:\n    t = threading.Thread(target=lambda: None)\n    t.start()\n    t.join()"
    ),
    "writes a stream": "while True: sink.write(b'x' * 100_000)",
    "reads a stream": "while True: source.read(100_000)",
    "computes in C": "10 ** 10 ** 9",
    "swallows the interrupt": _SWALLOWS,
}
_ENDING = {
    "a value": ("1", "ok"),
    "a big value": ("bytes(3_000_000)", "ok"),
    "an exception": ("1 / 0", "error"),
    "a call": ("echo(1)", "ok"),
    "an end of the process": ("import os\nos._exit(0)", "crashed"),
}
_FAR = Limits(wall=600, cpu=600, host_wall=600, output="1GiB", display="1GiB", calls=1_000_000_000)


def echo(value: int) -> int:
    return value


async def echo_later(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def never() -> None:
    await asyncio.Event().wait()


class _Zeros(io.RawIOBase):
    """A file without end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return len(buffer)


class _Nowhere(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


@pytest.fixture
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.000_05)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def held() -> Iterator[Any]:
    """A host function that returns when the test is over."""
    over = threading.Event()

    def hold() -> None:
        over.wait()

    yield ringfence.host_function(hold, name="held", threaded=True)
    over.set()


class Canceller(threading.Thread):
    """Cancels after a while, which is counted in steps of a loop: any moment of the turn will do."""

    def __init__(self, box: Sandbox | AsyncSandbox, steps: int) -> None:
        super().__init__(daemon=True)
        self._box = box
        self._steps = steps
        self.over = threading.Event()

    def run(self) -> None:
        for _ in range(self._steps):
            pass
        while not self._box.cancel() and not self.over.is_set():
            pass


def _streams() -> dict[str, Any]:
    return {"source": ringfence.Reader(_Zeros()), "sink": ringfence.Writer(_Nowhere())}


def _turns(seed: int, count: int) -> Iterator[tuple[str, set[str], int]]:
    """(code, how it may end, steps before the cancel)."""
    dice = random.Random(seed)
    for _ in range(count):
        steps = dice.choice((0, 10, 100, 1_000, 10_000, 100_000))
        if dice.random() < 0.8:
            yield dice.choice(list(_ENDLESS.values())), {"cancelled"}, steps
        else:
            code, end = dice.choice(list(_ENDING.values()))
            yield code, {end, "cancelled"}, steps


@pytest.mark.usefixtures("_quick_switches")
@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_turns_cancelled_from_another_thread(seed: int, held: Any) -> None:
    functions = [echo, echo_later, never, held]
    box = Sandbox(functions=functions, limits=_FAR).start()
    seen: Counter[str] = Counter()
    for code, ends, steps in _turns(seed, 100):
        canceller = Canceller(box, steps)
        canceller.start()
        result = box.run(code, inputs=_streams())
        canceller.over.set()
        canceller.join()
        assert result.status in ends, (code, result.error)
        seen[result.status] += 1
        if result.alive:  # the conversation is in step
            assert box.run("6 * 7").value == 42
        else:
            with pytest.raises(ringfence.SandboxClosed):
                box.run("6 * 7")
            box.close()
            box = Sandbox(functions=functions, limits=_FAR).start()
    box.close()
    assert seen["cancelled"] >= 80


@pytest.mark.usefixtures("_quick_switches")
def test_a_hundred_turns_cancelled_under_asyncio(held: Any) -> None:
    async def main() -> Counter[str]:
        functions = [echo, echo_later, never, held]
        seen: Counter[str] = Counter()
        box = await AsyncSandbox(functions=functions, limits=_FAR).start()
        for number, (code, ends, steps) in enumerate(_turns(99, 100)):
            turn = asyncio.ensure_future(box.run(code, inputs=_streams()))
            if number % 2:  # by its task
                for _ in range(steps % 99):
                    await asyncio.sleep(0)
                turn.cancel()
                try:
                    result = await turn
                except asyncio.CancelledError:
                    seen["task"] += 1
                    if not box.alive:
                        await box.close()
                        box = await AsyncSandbox(functions=functions, limits=_FAR).start()
                    continue
            else:
                canceller = Canceller(box, steps)
                canceller.start()
                result = await turn
                canceller.over.set()
                canceller.join()
            assert result.status in ends, (code, result.error)
            seen[result.status] += 1
            if result.alive:
                assert (await box.run("6 * 7")).value == 42
            else:
                await box.close()
                box = await AsyncSandbox(functions=functions, limits=_FAR).start()
        await box.close()
        return seen

    seen = asyncio.run(main())
    assert seen["cancelled"] + seen["task"] >= 80


_UNHARMED = {
    "printing": ("while True: print(1)", "print('after')"),
    "calling": ("while True: echo(1)", "print('after' if echo(1) == 1 else '')"),
    "awaiting": (
        "while True: await echo_later(1)",
        "print('after' if await echo_later(1) else '')",
    ),
    "reading": ("while True: source.read(10)", "print('after' if source.read(1) else '')"),
    "writing": ("while True: sink.write(b'x')", "sink.write(b'x')\nprint('after')"),
}


@pytest.mark.parametrize("what", _UNHARMED)
def test_a_guest_that_was_cancelled_while(what: str) -> None:
    """An interrupt at the wrong moment leaves no lock of the guest's held: it can do it again."""
    code, after = _UNHARMED[what]
    dice = random.Random(what)
    box = Sandbox(functions=[echo, echo_later], limits=_FAR).start()
    for _ in range(150):
        canceller = Canceller(box, dice.randrange(30_000))
        canceller.start()
        result = box.run(code, inputs=_streams())
        canceller.join()
        assert result.status == "cancelled", result.error
        if result.alive:
            assert box.run(after, inputs=_streams(), limits=Limits(wall=20)).stdout == "after\n"
        else:
            box.close()
            box = Sandbox(functions=[echo, echo_later], limits=_FAR).start()
    box.close()


def test_a_signal_handler_cancels() -> None:
    """It runs on the thread that drives the turn, in the middle of it."""
    box = Sandbox(functions=[echo], limits=_FAR)
    told: list[bool] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: told.append(box.cancel()))
    try:
        with box:
            for _ in range(20):
                other = threading.Thread(target=_signal_until, args=(told,), daemon=True)
                other.start()
                assert box.run("while True: echo(1)").status == "cancelled"
                other.join()
                told.clear()
                assert box.run("echo(42)").value == 42
    finally:
        signal.signal(signal.SIGUSR1, before)


def _signal_until(told: list[bool]) -> None:
    while True not in told:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)


def test_many_threads_cancel_one_turn() -> None:
    """It ends once, and the turn after it is another's."""
    with Sandbox(functions=[echo], limits=_FAR) as box:
        for _ in range(10):
            cancellers = [Canceller(box, 0) for _ in range(4)]
            for canceller in cancellers:
                canceller.start()
            assert box.run("while True: echo(1)").status == "cancelled"
            for canceller in cancellers:
                canceller.over.set()
                canceller.join()
            assert box.run("6 * 7").value == 42


def test_cancelling_during_the_start_cancels_no_turn() -> None:
    """There is none yet; what is cancelled is told by the answer."""
    for _ in range(10):
        box = Sandbox()
        told: list[bool] = []
        start = threading.Thread(target=box.start)
        start.start()
        while start.is_alive():
            told.append(box.cancel())
        start.join()
        assert True not in told
        assert box.run("6 * 7").value == 42
        box.close()


def test_nothing_to_cancel() -> None:
    box = Sandbox()
    assert box.cancel() is False
    with box:
        assert box.cancel() is False
        assert box.run("1").value == 1
        assert box.cancel() is False
        assert box.run("2").value == 2
    assert box.cancel() is False
