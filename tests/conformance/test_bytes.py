"""Long byte streams: files of any size through a guest of any size."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Reader, Writer
from tests.conformance.conftest import Make, MakeAsync, Run, finish

_GIB = 1 << 30
_BLOCK = bytes(range(256)) * 4_096  # 1 MiB


class _Source:
    """``total`` bytes made as they are read, and their checksum."""

    def __init__(self, total: int) -> None:
        self.left = total
        self.largest = 0
        self.checksum = 0

    def read(self, size: int) -> bytes:
        self.largest = max(self.largest, size)
        data = _BLOCK[: min(size, self.left)]
        self.left -= len(data)
        self.checksum = zlib.crc32(data, self.checksum)
        return data


class _Sink:
    """Keeps a checksum of what is written, and nothing else."""

    def __init__(self) -> None:
        self.size = 0
        self.checksum = 0

    def write(self, data: Any) -> None:
        self.size += len(data)
        self.checksum = zlib.crc32(data, self.checksum)


_COPY = (
    "import zlib\nchecksum = size = 0\n"
    "while data := source.read(1 << 20):\n"
    "    size += len(data)\n    checksum = zlib.crc32(data, checksum)\n    sink.write(data)\n"
    "size, checksum"
)
_LONG = Limits(memory="64MiB", wall=300, host_wall=300, cpu=300)


@pytest.mark.requirement("bytes.gigabyte")
def test_gigabyte_through_a_small_guest(make: Make) -> None:
    source, sink = _Source(_GIB), _Sink()
    box = make(limits=_LONG)
    result = box.run(_COPY, inputs={"source": Reader(source), "sink": Writer(sink)})
    assert result.status == "ok", result.error
    assert result.value == (_GIB, source.checksum)
    assert (sink.size, sink.checksum) == (_GIB, source.checksum)
    assert source.largest <= 1 << 20


@pytest.mark.requirement("bytes.gigabyte", "tasks.parity")
def test_long_stream_under_the_async_shell(make_async: MakeAsync) -> None:
    source, sink = _Source(100 << 20), _Sink()

    async def work() -> ringfence.Result:
        async with make_async(limits=_LONG) as box:
            return await box.run(_COPY, inputs={"source": Reader(source), "sink": Writer(sink)})

    assert finish(work()).value == (100 << 20, source.checksum)
    assert (sink.size, sink.checksum) == (100 << 20, source.checksum)


@pytest.mark.requirement("bytes.file")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("f.read()", b"one\ntwo\n\nend"),
        ("f.read(3), f.read(2), f.read(0), f.read()", (b"one", b"\nt", b"", b"wo\n\nend")),
        ("list(f)", [b"one\n", b"two\n", b"\n", b"end"]),
        ("f.readline(), f.readlines()", (b"one\n", [b"two\n", b"\n", b"end"])),
        ("f.read(), f.read(), f.read(1)", (b"one\ntwo\n\nend", b"", b"")),
        ("b = bytearray(5)\nf.readinto(b), bytes(b)", (5, b"one\nt")),
        ("f.readable(), f.writable(), f.seekable()", (True, False, False)),
        ("f.peek(3)[:3], f.read(3)", (b"one", b"one")),
        ("import io\nio.TextIOWrapper(f).read()", "one\ntwo\n\nend"),
        ("import csv, io\nlist(csv.reader(io.TextIOWrapper(f)))[1]", ["two"]),
    ],
)
def test_reader_is_a_binary_file(run: Run, code: str, value: Any) -> None:
    result = run(code, inputs={"f": Reader(io.BytesIO(b"one\ntwo\n\nend"))})
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("bytes.file")
@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("f.write(b'ab')", b"ab"),
        ("f.write(b'a'); f.flush(); f.write(b'b')", b"ab"),
        ("f.writelines([b'a', b'b'])", b"ab"),
        ("with f: f.write(b'x')", b"x"),
        ("f.write(bytearray(b'y')); f.write(memoryview(b'z'))", b"yz"),
        (
            "import io\nt = io.TextIOWrapper(f, encoding='utf-8')\nt.write('ä')\nt.flush()",
            "ä".encode(),
        ),
        ("f.write(b'x' * 5_000_000)", b"x" * 5_000_000),
        ("f.write(b'said')\n1/0", b"said"),
    ],
)
def test_writer_is_a_binary_file(run: Run, code: str, written: bytes) -> None:
    target = io.BytesIO()
    run(code, inputs={"f": Writer(target)})
    assert target.getvalue() == written


@pytest.mark.requirement("bytes.small")
@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_sizes(run: Run, size: int) -> None:
    source, sink = _Source(size), _Sink()
    result = run(_COPY, inputs={"source": Reader(source), "sink": Writer(sink)})
    assert result.value == (size, source.checksum)
    assert (sink.size, sink.checksum) == (size, source.checksum)


@pytest.mark.requirement("bytes.small")
def test_several_streams_at_once(run: Run) -> None:
    sinks = [io.BytesIO() for _ in range(3)]
    result = run(
        "for _ in range(1000):\n    for s, t in zip(sources, sinks): t.write(s.read(1000))\n",
        inputs={
            "sources": [Reader(io.BytesIO(bytes([n]) * 1_000_000)) for n in range(3)],
            "sinks": [Writer(sink) for sink in sinks],
        },
    )
    assert result.status == "ok", result.error
    assert [sink.getvalue() for sink in sinks] == [bytes([n]) * 1_000_000 for n in range(3)]


@pytest.mark.requirement("bytes.small")
def test_stream_that_is_not_read_to_its_end(make: Make) -> None:
    box = make()
    reader = Reader(io.BytesIO(b"x" * 5_000_000))
    assert box.run("f.read(10)", inputs={"f": reader}).value == b"x" * 10
    assert box.run("1", inputs={"f": Reader(io.BytesIO(b"y"))}).value == 1
    assert box.run("f.read()", inputs={"f": Reader(io.BytesIO(b"z"))}).value == b"z"


@pytest.mark.requirement("bytes.call")
def test_streams_as_arguments_of_call(make: Make) -> None:
    box = make()
    box.run(
        "def upper(source, sink, *, end): sink.write(source.read().upper() + end)"
    ).raise_for_status()
    target = io.BytesIO()
    result = box.call("upper", Reader(io.BytesIO(b"abc")), Writer(target), end=b"!")
    assert result.status == "ok", result.error
    assert target.getvalue() == b"ABC!"


@pytest.mark.requirement("bytes.call")
def test_short_reads_of_the_host(run: Run) -> None:
    class Slow:
        left = 1_000

        def read(self, size: int) -> bytes:
            self.left -= 1
            return b"ab" if self.left >= 0 else b""

    assert run("f.read() == b'ab' * 1000", inputs={"f": Reader(Slow())}).value is True


@pytest.mark.requirement("bytes.writer-limit")
def test_writer_limit(make: Make) -> None:
    box = make()
    target = io.BytesIO()
    with pytest.raises(ringfence.ConfigurationError) as caught:
        box.run("while True: f.write(b'x' * 1000)", inputs={"f": Writer(target, limit=10_000)})
    assert str(caught.value) == "the guest wrote more than the 10000 bytes of a Writer"
    assert len(target.getvalue()) <= 10_000
    assert box.alive is False


@pytest.mark.requirement("bytes.writer-limit")
def test_writer_limit_is_inclusive(run: Run) -> None:
    target = io.BytesIO()
    assert run("f.write(b'x' * 10)", inputs={"f": Writer(target, limit=10)}).status == "ok"
    assert target.getvalue() == b"x" * 10


class _BrokenFile:
    def read(self, size: int) -> bytes:
        raise OSError(5, "the disk of the host")

    def write(self, data: Any) -> None:
        raise OSError(28, "the disk of the host is full")


@pytest.mark.requirement("bytes.file-fails")
@pytest.mark.parametrize(
    ("stream", "code"),
    [(Reader, "f.read(1)"), (Writer, "f.write(b'x' * 5_000_000)"), (Writer, "f.write(b'x')")],
)
def test_exception_of_the_hosts_file(make: Make, stream: Any, code: str) -> None:
    box = make()
    with pytest.raises(OSError, match="the disk of the host"):
        box.run(code, inputs={"f": stream(_BrokenFile())})
    if box.alive:  # the guest had ended its turn already when the last bytes were written
        assert box.run("1").value == 1


@pytest.mark.requirement("bytes.file-fails")
@pytest.mark.parametrize("given", ["text", 5, None, b"x" * (2 << 20)])
def test_file_that_gives_something_else(make: Make, given: Any) -> None:
    class Odd:
        def read(self, size: int) -> Any:
            return given

    with pytest.raises(ringfence.ConfigurationError, match="Reader: the file must give"):
        make().run("f.read(1)", inputs={"f": Reader(Odd())})


@pytest.mark.requirement("bytes.turn")
@pytest.mark.parametrize("code", ["old.read(1)", "old.read()", "next(old)"])
def test_reader_of_an_earlier_turn(make: Make, code: str) -> None:
    box = make()
    data = Reader(io.BytesIO(b"x" * 5_000_000))
    box.run("old = f\nold.read(1)", inputs={"f": data}).raise_for_status()
    box.run("import collections\nwhile old.peek() and False: pass\n1").raise_for_status()
    result = box.run(
        f"try:\n    for _ in range(10_000_000): {code}\nexcept ValueError as e:\n    seen = str(e)\nseen"
    )
    assert result.value == "this stream belongs to a turn that has ended"


@pytest.mark.requirement("bytes.turn")
def test_stream_of_an_earlier_turn_does_not_become_one_of_the_next(make: Make) -> None:
    box = make()
    box.run("old = f", inputs={"f": Reader(io.BytesIO(b"old"))}).raise_for_status()
    code = "try:\n    seen = old.read()\nexcept ValueError as e:\n    seen = str(e)\nseen, f.read()"
    seen, new = box.run(code, inputs={"f": Reader(io.BytesIO(b"new"))}).value
    assert seen == "this stream belongs to a turn that has ended"
    assert new == b"new"


@pytest.mark.requirement("bytes.turn")
def test_writer_of_an_earlier_turn(make: Make) -> None:
    box = make()
    target = io.BytesIO()
    box.run("old = f\nold.write(b'in time')", inputs={"f": Writer(target)}).raise_for_status()
    result = box.run("old.write(b'x' * 5_000_000)")
    assert result.error is not None
    assert result.error.type == "ValueError"
    assert target.getvalue() == b"in time"
