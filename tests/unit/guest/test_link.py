"""The guest's end of the conversation finds the requests that were sent, however they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence_guest.interrupts import Interrupts
from ringfence_guest.link import Link
from ringfence_guest.protocol.framing import Frame, frame_buffers
from ringfence_guest.protocol.lost_frames import SparingReader
from tests.support.recorder import Recorder
from tests.support.values import steady


class Given(Recorder):
    """A channel that receives what it was given, a piece at a time."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""

    def receive(self, buffer: memoryview) -> int:
        piece = self._rest or next(self._pieces)
        size = min(len(piece), len(buffer))
        buffer[:size], self._rest = piece[:size], piece[size:]
        return size


def _leave() -> NoReturn:
    raise AssertionError("the host is there")


def _link(pieces: list[bytes]) -> Link:
    return Link(Given(pieces), Interrupts(), _leave)


def _bytes(frame: Frame) -> bytes:
    return b"".join(
        map(bytes, frame_buffers(frame.header, frame.body, [frame.blob], len(frame.blob)))
    )


def _call(name: str, turn: int, body: bytes, blob: bytes = b"", **fields: Any) -> Frame:
    return Frame({"type": "call", "name": name, **fields, "turn": turn}, body, blob)


_calls = st.tuples(
    st.sampled_from("ffffg"), st.binary(max_size=9), st.sampled_from([b"", b"", b"blob"])
)


@steady
@given(
    st.lists(_calls, min_size=1, max_size=12),
    st.lists(st.integers(0, 900), max_size=6),
    st.booleans(),
)
def test_requests_come_as_they_were_sent(
    calls: list[tuple[str, bytes, bytes]], cuts: list[int], whole: bool
) -> None:
    sent = [_call(name, turn, *data) for turn, (name, *data) in enumerate(calls, 1)]
    if whole:  # each when the last has been answered
        pieces = [_bytes(frame) for frame in sent]
    else:
        stream = b"".join(map(_bytes, sent))
        ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)} - {0})
        pieces = [stream[a:b] for a, b in zip([0, *ends], ends, strict=False) if a < b]
    link = _link(pieces)
    assert [link.next_request() for _ in sent] == sent


def test_a_request_that_comes_again_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    received = SparingReader.received

    def count(self: SparingReader, size: int) -> list[Frame]:
        parsed.append(size)
        return received(self, size)

    monkeypatch.setattr(SparingReader, "received", count)
    sent = [
        _call("f", 1, b"[1]"),
        _call("f", 2, b"[2]"),
        _call("f", 3, b"[3]"),
        _call("g", 4, b"[4]"),
        _call("g", 5, b"[5]"),
        _call("g", 7, b"[6]"),  # not the next turn
        _call("g", 8, b"[7]", b"a blob"),
        _call("g", 9, b"[8]", value=7),
        _call("g", 10, b"[9]"),
        _call("g", 11, b"[10]"),
    ]
    link = _link([_bytes(frame) for frame in sent])
    seen = []
    for frame in sent:
        before = len(parsed)
        assert link.next_request() == frame
        seen.append(len(parsed) == before)
    assert seen == [False, True, True, False, True, False, False, False, False, True]


def test_the_fields_of_a_request_are_its_own() -> None:
    sent = [_call("f", turn, b"") for turn in range(1, 5)]
    link = _link([_bytes(frame) for frame in sent])
    for frame in sent:
        request = link.next_request()
        assert request == frame
        request.header["type"] = "of another"  # what a handler does to it is nobody else's affair
        request.header.clear()
