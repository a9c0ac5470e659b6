"""Memory for large frames, also where nothing can be mapped."""

from __future__ import annotations

import mmap
import runpy
import sys

import pytest

from ringfence_guest.protocol import room


def test_a_very_large_frame_is_mapped() -> None:
    assert type(room.make_room((1 << 21) - 1)) is bytearray
    mapped = room.make_room(1 << 21)
    assert isinstance(mapped, mmap.mmap)
    assert len(mapped) == 1 << 21


def test_no_room_for_a_frame_is_a_lack_of_memory() -> None:
    with pytest.raises(MemoryError, match=f"^no room for a frame of {1 << 48} bytes$"):
        room.make_room(1 << 48)  # more than an address space holds


def test_where_nothing_can_be_mapped_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mmap", None)
    found = runpy.run_path(room.__file__)
    whole = found["make_room"](1 << 21)
    assert type(whole) is bytearray
    assert len(whole) == 1 << 21
