"""The channel of a guest whose instructions are counted: frames, however the stream was cut."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from ringfence._engines.wasi.ends import Descriptor, Stream
from ringfence._engines.wasi.whole_frames import WholeFrames
from tests.support import frames

SETUP = frames.frame({"type": "setup"}, b"body")
RUN = frames.frame({"type": "run", "turn": 1}, b"1 + 1", b"blob")
LARGE = frames.frame({"type": "reply", "id": 0, "ok": True}, b"", b"x" * 300_000)


@pytest.fixture
def host(ends: tuple[socket.socket, socket.socket]) -> socket.socket:
    return ends[0]


@pytest.fixture
def calls(ends: tuple[socket.socket, socket.socket]) -> Iterator[WholeFrames]:
    made, wake = WholeFrames(), os.eventfd(0)
    made.serve(Stream(ends[1]), Descriptor(wake))
    yield made
    os.close(wake)


def _receive(calls: WholeFrames, size: int = 65_536) -> bytes:
    buffer = bytearray(size)
    return bytes(buffer[: calls.receive(memoryview(buffer))])


def _send_cut(host: socket.socket, data: bytes, pieces: int) -> threading.Thread:
    """Send in pieces; the other end cannot tell how many there are yet to come."""

    def work() -> None:
        size = -(-len(data) // pieces)
        for at in range(0, len(data), size):
            host.sendall(data[at : at + size])

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def _arrived(host: socket.socket) -> bytes:
    try:
        return host.recv(1 << 20, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


@pytest.mark.parametrize("pieces", [1, 2, 7, 1_000])
def test_frames_arrive_one_by_one(host: socket.socket, calls: WholeFrames, pieces: int) -> None:
    sender = _send_cut(host, SETUP + RUN + LARGE + RUN, pieces)
    assert calls.begin()
    assert _receive(calls) == SETUP
    assert not calls.begin()
    assert _receive(calls) == RUN
    large = [_receive(calls) for _ in range(2)]
    assert list(map(len, large)) == [65_536, 65_536]
    large.append(_receive(calls, len(LARGE)))
    assert b"".join(large) == LARGE
    assert _receive(calls) == RUN
    sender.join()
    assert calls.wait(0, True) == 0


def test_what_was_looked_at_is_there_to_be_read(host: socket.socket, calls: WholeFrames) -> None:
    host.sendall(RUN)
    assert not calls.begin()
    assert calls.wait(0, True) == 1
    assert calls.wait(0, False) == 0
    assert _receive(calls, 20) + _receive(calls) == RUN


def test_who_has_room_for_nothing_does_not_wait(calls: WholeFrames) -> None:
    assert calls.receive(memoryview(bytearray())) == 0


def test_the_rest_of_a_frame_is_no_request(host: socket.socket, calls: WholeFrames) -> None:
    """A guest that did not read an answer to its end in the turn before, and one that looks odd."""
    host.sendall(frames.frame({"type": "reply", "id": 0, "ok": True}, b"", SETUP * 3_000) + RUN)
    first = _receive(calls)
    assert not calls.begin()
    rest = _receive(calls)
    assert len(first) + len(rest) > 3_000 * len(SETUP)
    assert not calls.begin()
    assert _receive(calls) == RUN


@pytest.mark.parametrize("size", [0, 5, 20, len(RUN) - 1])
def test_a_host_that_is_gone(host: socket.socket, calls: WholeFrames, size: int) -> None:
    host.sendall(RUN[:size])
    host.shutdown(socket.SHUT_WR)
    assert not calls.begin()
    assert _receive(calls) == b"" or size > 30
    assert _receive(calls) == b""


def test_what_is_said_leaves_at_once(host: socket.socket, calls: WholeFrames) -> None:
    said = frames.ready() + frames.output('{"type":"done"')
    assert calls.send(memoryview(said)) == len(said)
    assert _arrived(host) == said


@pytest.mark.parametrize("before", [b"", frames.ready(), frames.output("x" * 1_000)])
def test_the_end_of_a_turn_is_held_back(
    host: socket.socket, calls: WholeFrames, before: bytes
) -> None:
    host.sendall(RUN)
    calls.begin()
    _receive(calls)
    end = before + frames.done(b"value")
    assert calls.send(memoryview(end)) == len(end)
    assert _arrived(host) == end[:-1]
    calls.end()
    assert _arrived(host) == end[-1:]
    calls.end()
    assert _arrived(host) == b""


def test_an_end_in_several_pieces(host: socket.socket, calls: WholeFrames) -> None:
    output, end = frames.output("x" * 1_000), frames.frame({"type": "done"}, b"", b"v" * 100)
    for piece in (output[:500], output[500:] + end[:60], end[60:80], end[80:]):
        calls.send(memoryview(piece))
    assert _arrived(host) == (output + end)[:-1]
    calls.end()
    assert _arrived(host) == end[-1:]


@pytest.mark.parametrize("more", ["send", "receive", "wait"])
def test_who_goes_on_behind_the_end_is_not_kept_from_it(
    host: socket.socket, calls: WholeFrames, more: str
) -> None:
    host.sendall(RUN + RUN)
    calls.begin()
    _receive(calls)
    end = frames.done()
    calls.send(memoryview(end))
    if more == "send":
        calls.send(memoryview(b"zz"))
    elif more == "receive":
        _receive(calls)
    else:
        calls.wait(0, True)
    assert _arrived(host) == end + (b"z" if more == "send" else b"")


def test_a_new_turn_begins_with_nothing_held(host: socket.socket, calls: WholeFrames) -> None:
    host.sendall(RUN + RUN)
    for _ in range(2):
        calls.begin()
        _receive(calls)
        calls.send(memoryview(frames.output("a")))
        assert _arrived(host) == frames.output("a")
        calls.send(memoryview(frames.done()))
        calls.end()
        assert _arrived(host) == frames.done()
