"""Frames come out of a byte stream as they went in, however it was cut."""

from __future__ import annotations

import json
import struct
import tracemalloc
from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence_guest.protocol.framing import (
    MAX_HEADER,
    Frame,
    FrameReader,
    FramingError,
    Outbox,
    frame_buffers,
)
from tests.support.values import steady

_scalars = (
    st.none() | st.booleans() | st.integers(-(1 << 60), 1 << 60) | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
_headers = st.dictionaries(st.text("abcdef", min_size=1), _scalars, max_size=5)
_frames = st.lists(st.tuples(_headers, st.binary(max_size=99), st.binary(max_size=99)), max_size=8)


def joined(*frames: tuple[dict[str, Any], bytes, bytes]) -> bytes:
    return b"".join(
        bytes(part)
        for header, body, blob in frames
        for part in frame_buffers(header, body, [blob], len(blob))
    )


def raw(head: bytes, body: int = 0, blob: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack("<III", len(head), body, blob) + head + payload


def feed(reader: FrameReader, data: bytes, *cuts: int) -> list[Frame]:
    """What a reader makes of ``data``, given to it in the pieces between ``cuts``."""
    frames: list[Frame] = []
    view = memoryview(data)
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        at = start
        while at < end:
            buffer = reader.buffer()
            size = min(len(buffer), end - at)
            buffer[:size] = view[at : at + size]
            at += size
            frames += reader.received(size)
    return frames


@steady
@given(_frames, st.data())
def test_frames_come_out_as_they_went_in(frames: Any, data: st.DataObject) -> None:
    stream = joined(*frames)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=10).map(sorted))
    reader = FrameReader(1_000)
    assert feed(reader, stream, *cuts) == [Frame(*frame) for frame in frames]
    assert reader.pending == 0


def test_every_single_cut() -> None:
    frames: list[tuple[dict[str, Any], bytes, bytes]]
    frames = [({"type": "a", "n": 1}, b"body", b"blob"), ({}, b"", b""), ({"x": None}, b"", b"yz")]
    stream = joined(*frames)
    for cut in range(len(stream) + 1):
        assert feed(FrameReader(8), stream, cut) == [Frame(*frame) for frame in frames]
    assert feed(FrameReader(8), stream, *range(len(stream))) == [Frame(*frame) for frame in frames]


@steady
@given(st.integers(65_400, 65_600), st.integers(0, 70_000), st.integers(0, 200))
def test_frames_around_the_size_of_the_stage(body: int, blob: int, lead: int) -> None:
    frames = [({}, b"l" * lead, b""), ({}, b"b" * body, b"c" * blob), ({"last": True}, b"x", b"")]
    reader = FrameReader(1 << 20)
    found = feed(reader, joined(*frames))
    assert [(f.header, f.body, bytes(f.blob)) for f in found] == frames
    assert found[1].size == body + blob


def test_a_large_blob_is_received_where_it_stays() -> None:
    reader = FrameReader(1 << 24)
    blob = bytes(range(256)) * 16_384
    stream = joined(({}, b"", blob))
    tracemalloc.start()
    try:
        (frame,) = feed(reader, stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert bytes(frame.blob) == blob
    assert peak < 1.1 * len(blob)


def test_small_frames_are_independent_of_the_stage() -> None:
    reader = FrameReader(100)
    (first,) = feed(reader, joined(({}, b"first", b"FIRST")))
    feed(reader, joined(({}, b"other", b"OTHER")))
    assert (first.body, first.blob) == (b"first", b"FIRST")


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (struct.pack("<III", 1, 0, 0), "a header of 1 bytes"),
        (struct.pack("<III", 0, 0, 0), "a header of 0 bytes"),
        (struct.pack("<III", MAX_HEADER + 1, 0, 0), "a header of 65537 bytes"),
        (struct.pack("<III", 1 << 31, 0, 0), "a header of 2147483648 bytes"),
        (struct.pack("<III", 2, 101, 0), "a frame of 101 bytes; at most 100"),
        (struct.pack("<III", 2, 0, 101), "a frame of 101 bytes; at most 100"),
        (struct.pack("<III", 2, 51, 50), "a frame of 101 bytes; at most 100"),
        (
            struct.pack("<III", 2, (1 << 32) - 1, (1 << 32) - 1),
            "a frame of 8589934590 bytes; at most 100",
        ),
        (raw(b"12"), "a header that is not an object"),
        (raw(b'{"a":{}}'), "a header that is not flat"),
        (raw(b'{"a":[]}'), "a header that is not flat"),
        (raw(b'{"a":"{"}'), "a header that is not flat"),
        (raw(b'["a"]'), "a header that is not flat"),
        (raw(b"{}{"), "a header that is not flat"),
        (raw(b"{} "), "a header that is not an object"),
        (raw(b" {}"), "a header that is not flat"),
        (raw(b'{"a"}'), "a header that is not JSON"),
        (raw(b'{"a":'), "a header that is not JSON"),
        (raw(b'{"a":"\xff"}'), "a header that is not JSON"),
        (raw(b'{"a":"\\x"}'), "a header that is not JSON"),
        (raw(b'{"a":' + b"1" * 4_301 + b"}"), "a header that is not JSON"),
    ],
)
def test_refused(stream: bytes, message: str) -> None:
    good = ({"n": 1}, b"b", b"")
    for cut in range(len(stream)):
        reader = FrameReader(100)
        with pytest.raises(FramingError) as caught:
            feed(reader, stream + b"\0" * 12, cut)
        assert (str(caught.value), caught.value.frames) == (message, ())
    with pytest.raises(FramingError) as caught:
        feed(FrameReader(100), joined(good, good) + stream)
    assert caught.value.frames == (Frame(*good), Frame(*good))


def test_lengths_are_checked_before_memory_is_set_aside() -> None:
    reader = FrameReader(1 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(FramingError):
            feed(reader, struct.pack("<III", 2, 1 << 30, 1))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000


def test_the_largest_frame_that_is_allowed() -> None:
    head = b'{"a":"' + b"x" * (MAX_HEADER - 8) + b'"}'
    (frame,) = feed(FrameReader(100), raw(head, 60, 40, b"b" * 60 + b"c" * 40))
    assert (len(frame.header["a"]), frame.size) == (MAX_HEADER - 8, 100)


def test_a_very_large_frame_comes_in_pieces_and_is_kept_whole() -> None:
    blob = bytes(range(256)) * 20_000  # beyond 4 MiB its memory is mapped
    stream = joined(({"a": 1}, b"body", blob), ({}, b"next", b""))
    reader = FrameReader(len(blob) + 4)
    first = feed(reader, stream[:100_000])
    assert (first, reader.pending) == ([], 100_000 - 12)
    large, small = feed(reader, stream[100_000:], 1, 2_000_000)
    assert (large.header, large.body, bytes(large.blob)) == ({"a": 1}, b"body", blob)
    assert small == Frame({}, b"next", b"")
    assert reader.pending == 0


# --- writing -------------------------------------------------------------------------------


@steady
@given(st.dictionaries(st.text("abc", min_size=1), _scalars, max_size=5))
def test_headers_are_flat_json(header: dict[str, Any]) -> None:
    (buffer,) = frame_buffers(header)
    head = buffer[12:]
    assert json.loads(head) == header
    assert head.count(b"{") + head.count(b"[") == 1


def test_text_with_brackets_fits_into_a_header() -> None:
    header = {"message": 'epoch [3/9] {"loss": 0.1}'}
    assert feed(FrameReader(0), joined((header, b"", b""))) == [Frame(header, b"", b"")]


def test_headers_hold_scalars_only() -> None:
    with pytest.raises(TypeError, match="^set in a header$"):
        frame_buffers({"a": {1}})


def test_a_header_that_is_too_long_does_not_leave() -> None:
    with pytest.raises(FramingError, match="^a header of 65537 bytes; at most 65536$"):
        frame_buffers({"a": "x" * (MAX_HEADER - 7)})


def test_a_frame_that_is_too_long_does_not_leave() -> None:
    with pytest.raises(FramingError, match="^a frame of 4294967297 bytes; 4 GiB is the most$"):
        frame_buffers({}, b"b", [], 1 << 32)


def test_small_frames_leave_in_one_buffer_and_large_ones_without_a_copy() -> None:
    large = bytearray(20_000)
    assert len(frame_buffers({}, b"b")) == 1
    assert len(frame_buffers({}, b"b" * 16_385)) == 2
    assert len(frame_buffers({}, b"b", [b"c", b"", b"d"], 2)) == 1
    buffers = frame_buffers({}, b"b", [b"", large], len(large))
    assert len(buffers) == 2
    assert buffers[1] is large


@steady
@given(st.lists(st.binary(max_size=50), max_size=20), st.lists(st.integers(0, 60), min_size=1))
def test_an_outbox_keeps_its_place(buffers: list[bytes], steps: list[int]) -> None:
    outbox = Outbox()
    outbox.put(buffers[:10])
    outbox.put(buffers[10:])
    written = b""
    for step in steps * 2_000:
        if not outbox:
            break
        views = outbox.peek(3)
        assert 0 < len(views) <= 3
        piece = b"".join(views)[: max(1, step)]
        written += piece
        outbox.sent(len(piece))
    assert written == b"".join(buffers)
    assert not outbox
    outbox.sent(0)
    assert outbox.peek() == []


def test_an_outbox_takes_buffers_of_any_kind_and_keeps_what_is_left_of_them() -> None:
    outbox = Outbox()
    outbox.put([b"", array("d", [1.0, 2.0]), bytearray(b"abc"), memoryview(b"")])
    assert (len(outbox), outbox.size) == (2, 19)
    assert outbox.sent(8) is True
    assert b"".join(outbox.peek()) == array("d", [2.0]).tobytes() + b"abc"
    assert outbox.sent(11) is False
    assert not outbox
