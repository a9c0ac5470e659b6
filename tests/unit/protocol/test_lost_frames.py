"""A reader that runs out of memory goes on behind the frame that was too large."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers, header_bytes
from ringfence_guest.protocol.lost_frames import LostFrame, SparingReader

MIB = 1 << 20
FAR = 1 << 40
HEADER = {"type": "reply", "id": 7, "ok": True}
NEXT = Frame({"type": "close"}, b"", b"")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """This process may have so many bytes more, and no others."""
    with open("/proc/self/statm") as file:
        has = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (has + size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def stream(body: bytes, blob: bytes) -> bytes:
    frame = frame_buffers(HEADER, body, [blob], len(blob))
    return b"".join([*frame, *frame_buffers(NEXT.header)])


def feed(reader: FrameReader, data: bytes | memoryview, piece: int) -> list[Frame]:
    frames: list[Frame] = []
    view = memoryview(data)
    while len(view):
        room = reader.buffer()
        size = min(len(room), len(view), piece)
        room[:size] = view[:size]
        view = view[size:]
        frames += reader.received(size)
    return frames


@pytest.mark.parametrize("piece", [1 << 30, 65_536, 50_000, 40])
def test_a_frame_without_memory_is_read_past(piece: int) -> None:
    size = 96 * MIB if piece > 1_000 else 3 * MIB
    data = stream(b"b" * 100, bytes(size))
    reader = SparingReader(FAR)
    with room_for(size // 2):
        lost, following = feed(reader, data, piece)
    assert type(lost) is LostFrame
    assert lost.header == HEADER
    assert following == NEXT
    for touch in (lambda: lost.body, lambda: lost.blob, lambda: lost.size):
        with pytest.raises(MemoryError, match="^no memory for what the host sent$"):
            touch()


def test_a_body_that_cannot_be_copied_is_lost_as_well() -> None:
    data = stream(b"b" * 96 * MIB, b"")
    reader = SparingReader(FAR)
    with room_for(128 * MIB):
        lost, following = feed(reader, data, 1 << 30)
    assert (type(lost), lost.header, following) == (LostFrame, HEADER, NEXT)


def test_with_memory_nothing_is_lost() -> None:
    blob = bytes(range(256)) * 20_000
    frame, following = feed(SparingReader(FAR), stream(b"body", blob), 70_000)
    assert (frame.header, frame.body, bytes(frame.blob)) == (HEADER, b"body", blob)
    assert following == NEXT


def test_any_other_reader_says_so() -> None:
    data = stream(b"", bytes(96 * MIB))
    with room_for(32 * MIB), pytest.raises(MemoryError, match="^no room for a frame of "):
        feed(FrameReader(FAR), data, 65_536)


def test_what_is_read_past_is_no_whole_frame() -> None:
    header = b'{"type":"close"}'
    looks_like_one = b"".join(frame_buffers({"type": "close"}))
    data = memoryview(stream(b"", looks_like_one + bytes(96 * MIB)))
    begin = 12 + len(header_bytes(HEADER))
    reader = SparingReader(FAR)
    with room_for(48 * MIB):
        head = reader.buffer()
        head[:begin] = data[:begin]
        assert reader.received(begin) == []
        room = reader.buffer()
        room[: len(looks_like_one)] = looks_like_one
        assert reader.take_whole(len(looks_like_one), header) is None
        frames = reader.received(len(looks_like_one))
        rest = data[begin + len(looks_like_one) :]
        lost, following = frames + feed(reader, rest, 1 << 30)
    assert type(lost) is LostFrame
    assert following == NEXT
    room = reader.buffer()
    room[: len(looks_like_one)] = looks_like_one
    assert reader.take_whole(len(looks_like_one), header) == b""
