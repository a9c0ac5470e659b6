"""The control socket where the system has none of packets: messages are told apart all the same."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence._engines.wasi.control import INTERRUPT, MOST_BYTES, SIZE, STREAM, hear
from ringfence._engines.wasi.ends import Stream
from ringfence._engines.wasi.meter import WorkerMeter
from ringfence._engines.wasi.stream_control import StreamControl
from ringfence.errors import EngineFailure

Ends = tuple[StreamControl, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The host's, and the worker's."""
    ours, theirs = socket.socketpair()
    host = StreamControl(ours)
    yield host, theirs
    host.close()
    theirs.close()


def framed(*messages: bytes) -> bytes:
    return b"".join(SIZE.pack(len(one)) + one for one in messages)


@given(
    st.lists(st.binary(min_size=1, max_size=MOST_BYTES), max_size=8),
    st.lists(st.integers(1, 2 * MOST_BYTES), min_size=1),
)
def test_messages_arrive_as_they_were_however_they_are_cut(
    messages: list[bytes], cuts: list[int]
) -> None:
    ours, theirs = socket.socketpair()
    heard = []
    with closing(StreamControl(ours)) as host, theirs:
        left, lengths = framed(*messages), itertools.cycle(cuts)
        while left:
            cut = next(lengths)
            theirs.sendall(left[:cut])
            left = left[cut:]
            while said := hear(host):
                heard.append(said)
    assert heard == messages


def test_a_worker_takes_what_the_host_sends_and_answers(ends: Ends) -> None:
    host, worker = ends
    for message in (b"b", b"x" * MOST_BYTES):
        host.send(message)
        assert STREAM.read(Stream(worker)) == message
        STREAM.write(Stream(worker), message)
        assert host.recv(MOST_BYTES) == message
    with pytest.raises(BlockingIOError):
        host.recv(MOST_BYTES)
    host.close()
    assert STREAM.read(Stream(worker)) == b""


@pytest.mark.parametrize("size", [0, MOST_BYTES + 1, 0xFFFF])
def test_what_is_no_message_ends_the_talk(ends: Ends, size: int) -> None:
    """A worker that says so is none of ours any more. Nothing behind it is believed."""
    host, worker = ends
    worker.sendall(framed(b"first") + SIZE.pack(size) + framed(b"later") * 1_000)
    assert [host.recv(MOST_BYTES) for _ in range(3)] == [b"first", b"", b""]


def test_half_a_message_is_none(ends: Ends) -> None:
    host, worker = ends
    worker.sendall(framed(b"whole", b"half")[:-1])
    assert hear(host) == b"whole"
    assert hear(host) == b""
    worker.close()
    assert host.recv(MOST_BYTES) == b""


def test_a_worker_that_does_not_read_loses_interrupts_and_no_half_of_one(ends: Ends) -> None:
    host, worker = ends
    sent = 0
    with pytest.raises(BlockingIOError):
        while True:
            host.send(INTERRUPT + bytes(500))
            sent += 1
    read = [STREAM.read(Stream(worker)) for _ in range(sent)]
    assert set(read) == {INTERRUPT + bytes(500)}
    host.send(b"last")  # behind the rest of what was begun
    while (said := STREAM.read(Stream(worker))) != b"last":
        assert said == INTERRUPT + bytes(500)


def test_a_budget_that_cannot_be_told(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    host, _ = ends
    monkeypatch.setattr("ringfence._engines.wasi.meter._PATIENCE", 0.001)
    with pytest.raises(BlockingIOError):
        while True:
            host.send(INTERRUPT + bytes(500))
    with pytest.raises(EngineFailure, match="did not read its orders within"):
        WorkerMeter(host).begin(5)
