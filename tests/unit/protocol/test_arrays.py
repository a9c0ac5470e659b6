"""Where the bytes of an array that came are kept: once, in memory of its own, and aligned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers
from tests.support.values import FAR


def arrived(value: Any, header: dict[str, Any] | None = None) -> Frame:
    """The frame of a value, as a reader gives it."""
    packed = codec.encode(value, limit=FAR)
    buffers = frame_buffers(header or {}, packed.body, packed.blob, packed.blob_size)
    reader = FrameReader(FAR)
    frames: list[Frame] = []
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        while len(view):
            room = reader.buffer()
            size = min(len(room), len(view))
            room[:size] = view[:size]
            frames += reader.received(size)
            view = view[size:]
    (frame,) = frames
    return frame


def decoded(frame: Frame) -> Any:
    return codec.decode(frame.body, frame.blob, limit=FAR)


def stays(array: Any, frame: Frame) -> bool:
    return np.shares_memory(array, np.frombuffer(frame.blob, "u1"))


@pytest.mark.parametrize("items", [10_000, 1_000_000])  # in a bytearray, and mapped
@pytest.mark.parametrize("letters", range(0, 70, 9))
def test_a_large_array_stays_where_it_came(items: int, letters: int) -> None:
    array = np.arange(items, dtype="<c16")
    frame = arrived(array, {"x": "y" * letters})
    back = decoded(frame)
    assert np.array_equal(back, array)
    assert stays(back, frame)
    assert back.flags.aligned
    assert back.flags.writeable
    back[0] = 7
    assert array[0] == 0


def test_an_array_that_is_a_small_part_of_its_value_does_not_keep_the_rest() -> None:
    small, large = np.arange(10_000.0), np.arange(40_000.0)
    for value in ([small, large], [large, small]):
        frame = arrived(value)
        for array, back in zip(value, decoded(frame), strict=True):
            assert np.array_equal(back, array)
            assert stays(back, frame) == (array is large)
            assert back.flags.writeable


def test_an_array_between_other_bytes_is_aligned() -> None:
    array = np.arange(20_000.0)
    frame = arrived([b"x", array])
    _, back = decoded(frame)
    assert np.array_equal(back, array)
    assert back.flags.aligned
    assert not stays(back, frame)


def test_bytes_that_cannot_be_written_are_copied() -> None:
    packed = codec.encode(np.arange(20_000.0), limit=FAR)
    blob = b"".join(packed.blob)
    back = codec.decode(packed.body, blob, limit=FAR)
    back[:] = 0
    assert blob == np.arange(20_000.0).tobytes()


def test_small_arrays_are_copied() -> None:
    array = np.arange(8_192.0)
    frame = arrived([array, b"x" * 100])
    back, _ = decoded(frame)
    assert np.array_equal(back, array)
    assert not stays(back, frame)


@pytest.mark.parametrize("dtype", ["|b1", "<U1"])
def test_what_stays_is_checked(dtype: str) -> None:
    body = f'{{"array":["{dtype}",[100000],{np.dtype(dtype).itemsize * 100_000}]}}'.encode()
    good = bytearray(np.dtype(dtype).itemsize * 100_000)
    assert codec.decode(body, good, limit=FAR).shape == (100_000,)
    with pytest.raises(codec.DecodeError, match="^an array of .* that (is|are) none$"):
        codec.decode(body, bytearray(b"\xff" * len(good)), limit=FAR)
