"""Long byte streams, both ways, with the real agent; and a façade's stream that is left early."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pytest

import ringfence
from ringfence import Reader, Writer
from ringfence.errors import ConfigurationError, SandboxClosed
from ringfence.model import Limits
from tests.support.facades import FACADES, Facade, open_box
from tests.support.guests import PipeEngine, SocketEngine, TestEngine, ThreadEngine

MIB = 1 << 20


class Source:
    """A file of any size, made as it is read: no two mebibytes of it are the same."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.sum = 0
        self.largest = 0
        self._block = bytes(range(256)) * 4_096

    def read(self, size: int) -> bytes:
        size = min(size, self.left, len(self._block))
        self.left -= size
        data = self.left.to_bytes(8, "little")[:size] + self._block[8:size]
        self.sum = zlib.crc32(data, self.sum)
        self.largest = max(self.largest, size)
        return data


class Sink:
    """A file that only counts."""

    def __init__(self) -> None:
        self.size = self.sum = self.largest = 0

    def write(self, data: bytes) -> None:
        assert type(data) is bytes
        self.size += len(data)
        self.sum = zlib.crc32(data, self.sum)
        self.largest = max(self.largest, len(data))


COPY = """
import zlib
seen = 0
while chunk := source.read(300_000):
    seen = zlib.crc32(chunk, seen)
    target.write(chunk)
seen
"""


@pytest.mark.parametrize(("facade", "size"), [("sync", 1 << 30), ("async", 1 << 28)])
def test_a_gibibyte_in_and_out_of_a_small_guest(facade: Facade, size: int) -> None:
    source, sink = Source(size), Sink()
    limits = Limits(wall=300, host_wall=300, cpu=300)
    with open_box(facade, SocketEngine(memory=160 * MIB), limits=limits) as box:
        result = box.run(COPY, inputs={"source": Reader(source), "target": Writer(sink)})
        assert (result.status, result.error) == ("ok", None)
        assert source.left == 0
        assert sink.size == size
        assert result.value == source.sum == sink.sum
        assert source.largest <= MIB
        assert sink.largest <= MIB
        assert box.run("1").value == 1


@pytest.fixture(params=FACADES)
def facade(request: pytest.FixtureRequest) -> Facade:
    chosen: Facade = request.param
    return chosen


@pytest.mark.parametrize("kind", [SocketEngine, PipeEngine, ThreadEngine])
def test_streams_on_every_test_guest(facade: Facade, kind: type[TestEngine]) -> None:
    source, sink = Source(5 * MIB + 7), Sink()
    with open_box(facade, kind()) as box:
        result = box.run(COPY, inputs={"source": Reader(source), "target": Writer(sink)})
        assert result.value == source.sum == sink.sum
        assert sink.size == 5 * MIB + 7


def test_streams_are_files(facade: Facade) -> None:
    lines = b"".join(b"%d\n" % i for i in range(50_000))
    out = io.BytesIO()
    code = """
import io
with io.TextIOWrapper(source) as text:
    numbers = [int(line) for line in text]
with io.TextIOWrapper(target) as text:
    print(*numbers, sep="\\n", file=text)
sum(numbers), source.closed, target.closed
"""
    with open_box(facade, ThreadEngine()) as box:
        result = box.run(code, inputs={"source": Reader(io.BytesIO(lines)), "target": Writer(out)})
        assert result.value == (sum(range(50_000)), True, True)
        assert out.getvalue() == lines


def test_as_arguments_of_a_call(facade: Facade) -> None:
    out = io.BytesIO()
    with open_box(facade, ThreadEngine()) as box:
        box.run("def double(source, target):\n    return target.write(source.read() * 2)")
        assert box.call("double", Reader(io.BytesIO(b"ab")), target=Writer(out)).value == 4
        assert out.getvalue() == b"abab"


def test_an_empty_stream(facade: Facade) -> None:
    out = io.BytesIO()
    with open_box(facade, ThreadEngine()) as box:
        inputs = {"source": Reader(io.BytesIO()), "target": Writer(out)}
        assert box.run("source.read(), source.read(5)", inputs=inputs).value == (b"", b"")
        assert out.getvalue() == b""


def test_what_was_written_is_flushed_at_the_end_of_the_turn(facade: Facade) -> None:
    for code in ("target.write(b'abc')", "target.write(b'abc')\n1 / 0"):
        out = io.BytesIO()
        with open_box(facade, ThreadEngine()) as box:
            result = box.run(code, inputs={"target": Writer(out)})
            assert result.status == ("error" if "/" in code else "ok")
            assert out.getvalue() == b"abc"


def test_a_stream_does_not_outlive_its_turn(facade: Facade) -> None:
    """The next turn numbers its streams anew: an old one must not be taken for a new one."""
    first, second = io.BytesIO(), io.BytesIO()
    code = """
errors = []
for use in (lambda: old_source.read(1), lambda: (old_target.write(b"x"), old_target.flush())):
    try:
        use()
    except ValueError as error:
        errors.append(str(error))
del old_target
import gc
gc.collect()
errors, source.read()
"""
    with open_box(facade, ThreadEngine()) as box:
        box.run(
            "old_source, old_target = source, target\nold_source.read(1)",
            inputs={"source": Reader(io.BytesIO(b"a" * 2_000_000)), "target": Writer(first)},
        )
        result = box.run(
            code,
            inputs={"source": Reader(io.BytesIO(b"new")), "target": Writer(second)},
        )
        assert result.status == "ok", result
        assert result.value[1] == b"new"
        assert set(result.value[0]) <= {
            "this stream belongs to a turn that has ended",
            "write to closed file",
        }
        assert (first.getvalue(), second.getvalue()) == (b"", b"")


def test_a_thread_that_reads_while_the_turn_ends(facade: Facade) -> None:
    """It must not keep the channel for itself."""

    class Slow:
        def read(self, size: int) -> bytes:
            return b""

    code = """
import threading
ready = threading.Event()
def read():
    global seen
    ready.set()
    try:
        seen = source.read()
    except ValueError as error:
        seen = str(error)
thread = threading.Thread(target=read)
thread.start()
ready.wait()
"""
    with open_box(facade, SocketEngine()) as box:
        box.run(code, inputs={"source": Reader(Slow())})
        for i in range(20):
            assert box.run(f"{i}").value == i
        seen = box.run("thread.join()\nseen").value
        assert seen in (b"", "this stream belongs to a turn that has ended")


# --- files that misbehave ------------------------------------------------------------------


class Broken:
    def read(self, size: int) -> bytes:
        raise OSError("the disk is gone")

    def write(self, data: bytes) -> int:
        raise OSError("the disk is gone")


class Text:
    def read(self, size: int) -> Any:
        return "text"


class Greedy:
    def read(self, size: int) -> bytes:
        return b"x" * (size + 1)


class Stuck:
    def write(self, data: bytes) -> int:
        return 0


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ({"file": Reader(Broken())}, OSError, "the disk is gone"),
        ({"file": Reader(Text())}, ConfigurationError, "Reader: the file must give at most"),
        ({"file": Reader(Greedy())}, ConfigurationError, "Reader: the file must give at most"),
        ({"file": Writer(Broken())}, OSError, "the disk is gone"),
        ({"file": Writer(Stuck())}, ConfigurationError, "Writer: the file takes nothing"),
        (
            {"file": Writer(io.BytesIO(), limit=10)},
            ConfigurationError,
            "the guest wrote more than the 10 bytes of a Writer",
        ),
    ],
)
def test_what_the_host_s_own_file_raises_is_the_caller_s(
    facade: Facade, inputs: dict[str, Any], error: type[Exception], message: str
) -> None:
    code = "file.read(1) if file.readable() else (file.write(b'x' * 100), file.flush())"
    engine = ThreadEngine()
    with open_box(facade, engine) as box:
        with pytest.raises(error, match=message):
            box.run(code, inputs=inputs)
        assert not box.alive
        assert engine.started[0].stops == ["kill"]
        with pytest.raises(SandboxClosed):
            box.run("1")


def test_a_file_that_takes_a_little_at_a_time(facade: Facade) -> None:
    class Narrow:
        def __init__(self) -> None:
            self.data = b""

        def write(self, data: bytes) -> int:
            self.data += data[:7]
            return min(len(data), 7)

    narrow = Narrow()
    with open_box(facade, ThreadEngine()) as box:
        box.run("target.write(bytes(range(256)))", inputs={"target": Writer(narrow)})
        assert narrow.data == bytes(range(256))


def test_a_writer_s_limit_is_exact(facade: Facade) -> None:
    out = io.BytesIO()
    with open_box(facade, ThreadEngine()) as box:
        assert box.run("t.write(b'x' * 10)", inputs={"t": Writer(out, limit=10)}).status == "ok"
        assert out.getvalue() == b"x" * 10


@pytest.mark.parametrize("make", [Reader, Writer])
def test_what_is_no_file_is_refused(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="needs a binary file with"):
        make(5)


# --- a façade's stream that is left early --------------------------------------------------


def test_leaving_a_stream_early_ends_the_guest(facade: Facade) -> None:
    engine = SocketEngine()
    with open_box(facade, engine) as box:
        events = box.stream("print('a')\nprint('b')\nwhile True: pass")
        assert next(events) == ringfence.Output("stdout", "a\n")
        events.close()  # type: ignore[attr-defined]
        assert not box.alive
        assert engine.started[0].stops == ["kill"]
        with pytest.raises(SandboxClosed):
            box.run("1")


def test_a_stream_that_is_read_to_its_end(facade: Facade) -> None:
    with open_box(facade, ThreadEngine()) as box:
        code = "print('a')\nprogress(0.5, 'half [1/2]')\ndisplay(7)\n'value'"
        *events, result = box.stream(code)
        assert events == [
            ringfence.Output("stdout", "a\n"),
            ringfence.Progress(0.5, "half [1/2]"),
            ringfence.Display({"text/plain": "7"}),
        ]
        assert result.value == "value"
        assert box.run("1").value == 1


@pytest.mark.usefixtures("patient")
def test_cancelling_from_within_a_stream(facade: Facade) -> None:
    with open_box(facade, SocketEngine()) as box:
        seen = []
        for event in box.stream("print('a', flush=True)\nwhile True: pass"):
            seen.append(event)
            if len(seen) == 1:
                assert box.cancel()
        assert [type(event).__name__ for event in seen] == ["Output", "Result"]
        assert (seen[1].status, seen[1].alive) == ("cancelled", True)
        assert box.run("1").value == 1
