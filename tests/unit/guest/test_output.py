"""What a guest prints: live, whole, once, and in few frames."""

from __future__ import annotations

import threading
from typing import Any, NoReturn

import pytest

import ringfence
from ringfence.model import Limits
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.link import Link
from ringfence_guest.output import OutputStream
from tests.support.guests import SocketEngine, ThreadEngine
from tests.support.recorder import Recorder


def gone() -> NoReturn:
    raise AssertionError("the host is there")


class _Watched:
    """A lock that counts how often it is asked for."""

    def __init__(self) -> None:
        self._lock, self.asked = threading.RLock(), 0

    def __enter__(self) -> None:
        self.asked += 1
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_what_is_just_leaving_is_waited_for_and_nothing_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a turn could end before what another thread of it has printed."""
    link = Link(Recorder(), Interrupts(), gone)
    stream = OutputStream(link, "stdout", threads=False)
    lock: Any = _Watched()
    stream._lock = lock
    stream.send()
    assert lock.asked == 0
    offer, seen = link.offer, []

    def look(*given: Any) -> bool:
        before = lock.asked
        stream.send()  # as another thread would: it has to wait for this one
        seen.append(lock.asked - before)
        return offer(*given)

    monkeypatch.setattr(link, "offer", look)
    link.begin_turn(1)
    stream.write(b"a line\n")
    assert seen == [1]
    stream.send()
    assert lock.asked == 3


def test_many_short_lines_leave_in_few_frames() -> None:
    with SocketEngine().sandbox() as box:
        result = box.run("for i in range(20_000): print(i)")
        assert result.status == "ok"
        assert result.stdout == "".join(f"{i}\n" for i in range(20_000))
        assert result.usage.output < 2 * len(result.stdout)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("end", ["\\n", ""])
def test_what_is_flushed_leaves_at_once(end: str) -> None:
    with SocketEngine().sandbox() as box:
        events = box.stream(f"print('x', end='{end}', flush=True)\nwhile True: pass")
        text = "x\n" if end else "x"
        assert next(events) == ringfence.Output("stdout", text)
        box.cancel()
        result = next(events)
        assert isinstance(result, ringfence.Result)
        assert (result.status, result.stdout) == ("cancelled", text)


def test_a_flood_of_flushed_pieces_is_gathered() -> None:
    with SocketEngine().sandbox() as box:
        result = box.run("for i in range(5_000): print('.', end='', flush=True)")
        assert (result.status, result.stdout) == ("ok", "." * 5_000)
        assert result.usage.output < 200_000


@pytest.mark.usefixtures("patient")
def test_lines_that_were_gathered_leave_while_the_program_computes() -> None:
    with SocketEngine().sandbox() as box:
        heard = ""
        for event in box.stream("for i in range(200): print(i)\nwhile True: pass"):
            if isinstance(event, ringfence.Output):
                heard += event.text
                if heard.endswith("199\n"):
                    box.cancel()
        assert heard == "".join(f"{i}\n" for i in range(200))


@pytest.mark.usefixtures("patient")
def test_an_interrupt_neither_loses_nor_repeats_what_was_printed() -> None:
    code = "i = 0\nwhile True:\n    print(i)\n    i += 1"
    limits = Limits(wall=0.2, output="64MiB")
    with SocketEngine().sandbox(limits=limits) as box:
        box.run("1", limits=limits.replace(wall=30))
        for _ in range(5):
            result = box.run(code)
            assert (result.status, result.limit, result.alive) == ("limit", "wall", True)
            lines = result.stdout.split("\n")
            count = len(lines) - 1
            assert lines[:count] == [str(i) for i in range(count)]
            assert str(count).startswith(lines[count])


def test_both_streams_and_what_is_written_to_their_buffers() -> None:
    code = """
import sys
print("out"); print("err", file=sys.stderr)
sys.stdout.buffer.write("bytes é\\n".encode())
sys.stdout.write("\\ud800")
sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.readable()
"""
    with SocketEngine().sandbox() as box:
        result = box.run(code)
        assert result.value == ("utf-8", False, True, False)
        assert result.stdout == "out\nbytes é\n\\ud800"
        assert result.stderr == "err\n"


def test_text_that_is_longer_than_a_frame() -> None:
    with ThreadEngine().sandbox() as box:
        result = box.run("print('é' * 300_000)")
        assert result.stdout == "é" * 300_000 + "\n"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("import sys\nprint('a', end='')\nsys.exit()", "ok", None),
        ("print('a', end='')\nraise SystemExit(0)", "ok", None),
        ("import sys\nprint('a', end='')\nsys.exit('why')", "error", ("SystemExit", "why")),
        ("print('a', end='')\nraise SystemExit(3)", "error", ("SystemExit", "3")),
        ("print('a', end='')\n1 / 0", "error", ("ZeroDivisionError", "division by zero")),
    ],
)
def test_what_was_printed_before_the_end(
    code: str, status: str, error: tuple[str, str] | None
) -> None:
    with SocketEngine().sandbox() as box:
        result = box.run(code)
        assert (result.status, result.stdout) == (status, "a")
        seen = None if result.error is None else (result.error.type, result.error.message)
        assert seen == error
        assert box.run("1").stdout == ""


def test_a_program_that_breaks_its_own_streams() -> None:
    code = """
import sys
class Broken:
    def write(self, text): raise OSError
    def flush(self): raise OSError
sys.stdout = Broken()
"""
    with SocketEngine().sandbox() as box:
        assert box.run(code).status == "ok"
        assert box.run("print('x')").status == "error"
        assert box.run("import sys\nsys.stdout = None\nprint('x')").status == "ok"
        assert box.run("sys.stderr.close()").status == "ok"
        assert box.run("1 + 1").value == 2


def test_given_input() -> None:
    with SocketEngine().sandbox(stdin="default\n") as box:
        assert box.run("input()").value == "default"
        assert box.run("input(), input()", stdin="a\nb").value == ("a", "b")
        result = box.run("input()\ninput()\ninput()")
        assert result.error is not None
        assert result.error.type == "EOFError"


def test_logging_and_warnings_go_to_stderr() -> None:
    code = """
import logging, warnings
logging.warning("careful")
warnings.warn("old")
"""
    with SocketEngine().sandbox() as box:
        result = box.run(code)
        assert result.stderr.startswith("WARNING:root:careful\n")
        assert "UserWarning: old" in result.stderr
        assert result.stdout == ""
