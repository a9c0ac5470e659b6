"""A guest that ends, or goes silent, at each step of the conversation: the result says so, and the
sandbox beside it goes on.
"""

from __future__ import annotations

import dataclasses
import os
import select
import signal
from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Sandbox
from tests.support.processes import pid_of

SOON = Limits(wall=0.2, cpu=5, host_wall=5)


@pytest.fixture(scope="module")
def beside() -> Iterator[Sandbox]:
    """A sandbox of the same zygote, which must not notice anything."""
    with Sandbox() as box:
        box.run("x = 42")
        yield box
        assert box.run("x").value == 42


def echo(value: bytes) -> bytes:
    return value


async def echo_later(value: bytes) -> bytes:
    return value


_EXIT = "import os\nos._exit(7)\n"
_KILLED = "import signal\nsignal.raise_signal(signal.SIGKILL)\n"
_FRAME = "import os\nos.write(3, {!r})\nos._exit(7)"
_DIES: dict[str, tuple[str, dict[str, Any]]] = {
    "at once": (_EXIT, {}),
    "when a module of the host's is imported": ("import mine", {"modules": {"mine": _EXIT}}),
    "after it has printed": ("print('said', flush=True)\n" + _EXIT, {}),
    "in a host call's answer": ("echo(b'x')\n" + _EXIT, {}),
    "while a call is open": (
        "import asyncio, os\n"
        "async def main():\n    asyncio.ensure_future(echo_later(b'x'))\n    await asyncio.sleep(0)\n"
        "    os._exit(7)\nawait main()",
        {},
    ),
    "in a signal handler": (
        "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(7))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001)\nwhile True: pass",
        {},
    ),
    "in another thread": (
        "import os, threading\nthreading.Thread(target=os._exit, args=(7,)).start()\nwhile True: pass",
        {},
    ),
    "at the interrupt": (
        # From the call on it is inside of the try, however slow the machine is.
        "import os\ntry:\n    cancel()\n    while True: x = 1\nexcept BaseException: os._exit(7)",
        {},
    ),
    "when its value is encoded": (
        "import os\nclass Bad:\n    def __repr__(self): os._exit(7)\nBad()",
        {},
    ),
    "when its error is described": (
        "import os\nclass Bad(Exception):\n    def __str__(self): os._exit(7)\nraise Bad",
        {},
    ),
    "after half a length": (_FRAME.format(b"\x10\0"), {}),
    "after a length": (_FRAME.format(b"\x10\0\0\0" + b"\0" * 8), {}),
    "after half a header": (_FRAME.format(b"\x10\0\0\0" + b"\0" * 8 + b'{"type'), {}),
    "in the middle of a large frame": (
        _FRAME.format(b"\x10\0\0\0" + b"\0\0\x10\0" + b"\0" * 4 + b'{"type"' + b"x" * 9000),
        {},
    ),
    "after it closed its channel": ("import os\nos.close(3)\nos._exit(7)", {}),
    "after it shut its channel": (
        "import os, socket\nsocket.socket(fileno=3).shutdown(socket.SHUT_RDWR)\nos._exit(7)",
        {},
    ),
}


@pytest.mark.parametrize("when", _DIES)
def test_a_guest_that_exits(when: str, beside: Sandbox) -> None:
    code, options = _DIES[when]

    def cancel() -> None:
        assert box.cancel()

    with Sandbox(functions=[echo, echo_later, cancel], **options) as box:
        box.run("1")
        result = box.run(code)
        assert result.error is not None
        if when == "at the interrupt":
            assert (result.status, result.alive) == ("cancelled", False)
        elif when == "after a length":
            # A header of 16 zero bytes: broken before the guest is seen to have ended, or not.
            assert (result.status, result.alive) == ("crashed", False)
        else:
            assert (result.status, result.error.type, result.alive) == ("crashed", "Exit", False)
            assert result.error.message == "the guest process ended with exit code 7"
        assert result.stdout == ("said\n" if when == "after it has printed" else "")
        with pytest.raises(ringfence.SandboxClosed):
            box.run("1")
    assert beside.run("x").value == 42


def test_a_guest_that_ends_in_an_async_generator() -> None:
    with Sandbox() as box:
        events = list(box.stream("print('a', flush=True)\n" + _EXIT))
    assert [type(event).__name__ for event in events] == ["Output", "Result"]
    assert isinstance(events[-1], ringfence.Result)
    assert events[-1].status == "crashed"


# --- killed from outside, before and between ---------------------------------------------------


def _kill(box: Sandbox) -> None:
    assert box._session is not None
    pid = pid_of(box)
    pidfd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([pidfd], [], [], 60)[0]
    os.close(pidfd)


_SETUPS: dict[str, dict[str, Any]] = {
    "nothing to set up": {},
    "functions and files to set up": {
        "functions": [echo],
        "files": {"big": bytes(3_000_000)},
        "modules": {"mine": "x = 1"},
    },
}


@pytest.mark.parametrize("setup", _SETUPS)
def test_a_guest_that_is_killed_before_its_first_turn(setup: str, beside: Sandbox) -> None:
    with Sandbox(**_SETUPS[setup]) as box:
        _kill(box)
        result = box.run("1")
        assert result.error is not None
        assert (result.status, result.error.type, result.alive) == ("crashed", "SIGKILL", False)
    assert beside.run("x").value == 42


def test_a_guest_that_is_killed_in_its_first_turn(beside: Sandbox) -> None:
    box = Sandbox(functions=[echo], files={"big": bytes(3_000_000)})

    def kill(value: bytes) -> bytes:
        _kill(box)
        return value

    box._recipe.functions["echo"] = _replace(box, kill)
    with box:
        result = box.run("echo(b'x')")
        assert result.error is not None
        assert (result.status, result.error.type, result.alive) == ("crashed", "SIGKILL", False)
    assert beside.run("x").value == 42


def _replace(box: Sandbox, function: Any) -> Any:
    return dataclasses.replace(box._recipe.functions["echo"], function=function)


def test_a_guest_that_is_killed_between_turns(beside: Sandbox) -> None:
    with Sandbox() as box:
        box.run("1")
        _kill(box)
        result = box.run("1")
        assert (result.status, result.alive) == ("crashed", False)
    assert beside.run("x").value == 42


# --- silence -----------------------------------------------------------------------------------

_SILENT = {
    "closes its channel and lives": "import os\nos.close(3)\nwhile True: pass",
    "stops reading": "import time\nwhile True:\n    try: time.sleep(1000)\n    except BaseException: pass",
    "says half a frame": (
        "import os, time\nos.write(3, b'\\x10\\0\\0\\0' + bytes(8) + b'{')\n"
        "while True:\n    try: time.sleep(1000)\n    except BaseException: pass"
    ),
}


@pytest.mark.parametrize("how", _SILENT)
def test_a_silent_guest_ends_within_its_deadline(how: str, beside: Sandbox) -> None:
    with Sandbox(limits=SOON) as box:
        result = box.run(_SILENT[how])
        assert result.alive is False
        if how == "closes its channel and lives":
            assert result.error is not None
            assert (result.status, result.error.type) == ("crashed", "Disconnected")
        else:
            assert (result.status, result.limit) == ("limit", "wall")
    assert beside.run("x").value == 42


def test_a_guest_that_never_reads_its_answers(beside: Sandbox) -> None:
    """Ten answers of three megabytes are offered to a guest that takes none."""
    code = (
        "import asyncio, os, time\n"
        "for _ in range(10): asyncio.ensure_future(echo_later(bytes(3_000_000)))\n"
        "await asyncio.sleep(0)\n"
        "while True:\n    try: time.sleep(1000)\n    except BaseException: pass"
    )
    with Sandbox(functions=[echo_later], limits=SOON) as box:
        result = box.run(code)
        assert (result.status, result.limit, result.alive) == ("limit", "wall", False)
    assert beside.run("x").value == 42


def test_answers_that_nobody_waits_for_do_not_lose_the_place() -> None:
    """The turn ends while three megabytes of an answer are still under way."""
    code = (
        "import asyncio\n"
        "kept = asyncio.ensure_future(echo_later(bytes(3_000_000)))\n"
        "await asyncio.sleep(0)\n"
        "'over'"
    )
    with Sandbox(functions=[echo_later]) as box:
        for _ in range(20):
            assert box.run(code).value == "over"
            assert box.run("6 * 7").value == 42


# --- a host that does not listen ---------------------------------------------------------------


def test_a_stream_that_nobody_reads_keeps_the_guest_waiting() -> None:
    """The guest stands still when the host takes nothing: it fills no memory of the host's."""
    with Sandbox(limits=Limits(output="1GiB")) as box:
        stream = box.stream("n = 0\nwhile True:\n    print('x' * 10_000, flush=True)\n    n += 1")
        for _ in range(3):
            next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert not box.alive
