"""The memory of a guest as a delta: what is taken, and what is not taken back."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator

import pytest

from ringfence.wasm.pages import SIZE, Delta, DeltaRefused, apply, changed_pages, own_pages
from tests.support.wasm_guest import WasmGuest

HEAD = struct.Struct("<QI")
RUN = struct.Struct("<II")


@pytest.fixture(scope="module")
def pagemap() -> Iterator[int]:
    opened = os.open("/proc/self/pagemap", os.O_RDONLY)
    yield opened
    os.close(opened)


def bytes_of(delta: Delta) -> bytes:
    data = delta.head + b"".join(delta.runs)
    assert len(data) == delta.size
    return data


def reading(data: bytes) -> Callable[[memoryview], None]:
    left = memoryview(data)

    def read_into(buffer: memoryview) -> None:
        nonlocal left
        assert len(left) >= len(buffer)
        buffer[:] = left[: len(buffer)]
        left = left[len(buffer) :]

    return read_into


def test_a_guest_that_is_given_the_pages_of_another_is_that_guest(pagemap: int) -> None:
    guest = WasmGuest()
    twin = WasmGuest(started=False)
    try:
        guest.value("import os; x = os.urandom(100_000); big = bytes(20 << 20); 1")
        data = bytes_of(own_pages(guest.instance, pagemap))
        apply(twin.instance, reading(data))
        assert twin.instance.size == guest.instance.size
        assert twin.instance.view(0, twin.instance.size) == guest.instance.view(
            0, guest.instance.size
        )
        look = "import random; x.hex()[:9], len(x), len(big), random.random()"
        assert twin.value(look) == guest.value(look)
    finally:
        guest.close()
        twin.close()


def test_only_what_was_written_is_taken(pagemap: int) -> None:
    guest = WasmGuest()
    try:
        delta = own_pages(guest.instance, pagemap)
        assert delta.size < guest.instance.size / 10
        guest.value("kept = bytearray(b'x') * (8 << 20); 1")
        assert 8 << 20 < own_pages(guest.instance, pagemap).size - delta.size < 20 << 20
    finally:
        guest.close()


def test_what_was_changed_is_found_without_the_kernel(pagemap: int) -> None:
    """Where it tells nothing, memory is compared: what differs is in pages that the kernel knows."""
    guest, original, twin = WasmGuest(), WasmGuest(started=False), WasmGuest(started=False)
    try:
        guest.value("import os; x = os.urandom(100_000); big = b'y' * (20 << 20); 1")
        changed = changed_pages(guest.instance, original.instance)
        assert _pages(changed) <= _pages(own_pages(guest.instance, pagemap))
        assert changed.size > 20 << 20
        apply(twin.instance, reading(bytes_of(changed)))
        assert twin.instance.view(0, twin.instance.size) == guest.instance.view(
            0, guest.instance.size
        )
    finally:
        for one in (guest, original, twin):
            one.close()


def test_what_all_have_is_left_out_of_what_was_changed() -> None:
    guest, original = WasmGuest(), WasmGuest(started=False)
    try:
        every = _pages(changed_pages(guest.instance, original.instance))
        first, last = min(every), max(every)
        shared = (first * SIZE + 1, last * SIZE)  # a page that begins before it is not all of it
        left = _pages(changed_pages(guest.instance, original.instance, [shared]))
        assert left == {first, last}
    finally:
        guest.close()
        original.close()


def _pages(delta: Delta) -> set[int]:
    runs = RUN.iter_unpack(delta.head[HEAD.size :])
    return {page for first, count in runs for page in range(first, first + count)}


def damaged(*runs: tuple[int, int], size: int = 1 << 20, count: int | None = None) -> bytes:
    head = HEAD.pack(size, len(runs) if count is None else count)
    return head + b"".join(RUN.pack(*run) for run in runs) + bytes(SIZE * 64)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (damaged(size=SIZE + 1), "its head is damaged"),
        (damaged(count=1 << 31), "its head is damaged"),
        (damaged((5, 0)), "its pages are not in order, or not of this memory"),
        (damaged((5, 2), (6, 1)), "its pages are not in order, or not of this memory"),
        (damaged((255, 2)), "its pages are not in order, or not of this memory"),
        (damaged((0xFFFFFFFF, 0xFFFFFFFF)), "its pages are not in order, or not of this memory"),
        (
            damaged(size=1 << 31),
            "its memory of 2,147,483,648 bytes is more than the guest may have",
        ),
        (damaged(size=1 << 60), "its memory of 1,152,921,504,606,846,976 bytes is more than the "
                                "guest may have"),
    ],
)  # fmt: skip
def test_what_is_no_delta(data: bytes, why: str) -> None:
    guest = WasmGuest(started=False)
    try:
        with pytest.raises(DeltaRefused) as caught:
            apply(guest.instance, reading(data))
        assert str(caught.value) == why
    finally:
        guest.close()
