"""Memory that the host lends, where a guest has no room for all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ringfence_guest.arenas import Arenas
from tests.support.recorder import Recorder


class Lender(Recorder):
    """A channel on which descriptors came."""

    def __init__(self, *descriptors: int) -> None:
        super().__init__()
        self._descriptors = list(descriptors)

    def take_descriptors(self, count: int) -> list[int]:
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        return taken


def memory(*, writable: bool) -> int:
    """A descriptor of a page, which cannot be mapped to be written unless it is writable."""
    whole = os.memfd_create("memory")
    os.write(whole, b"x" * 4_096)
    mode = os.O_RDWR if writable else os.O_RDONLY
    descriptor = os.open(f"/proc/self/fd/{whole}", mode)
    os.close(whole)
    return descriptor


@pytest.fixture
def arenas() -> Iterator[Arenas]:
    before = set(os.listdir("/proc/self/fd"))
    made = Arenas()
    yield made
    made.output = made._kept = None
    assert set(os.listdir("/proc/self/fd")) <= before


def take(arenas: Arenas, *descriptors: int) -> None:
    arenas.take_in(Lender(*descriptors), len(descriptors), output=True)


def test_memory_for_an_answer_is_kept_mapped_and_written_to(arenas: Arenas) -> None:
    descriptor = memory(writable=True)
    again = os.dup(descriptor)
    take(arenas, descriptor)
    assert arenas.map(output_needed=False) == []
    assert arenas.output is not None
    arenas.output[:2] = b"ab"
    mapped = arenas._kept
    take(arenas, again)
    assert not arenas.output  # that of the request before
    assert arenas.map(output_needed=False) == []
    assert arenas._kept is mapped
    assert bytes(arenas.output[:3]) == b"abx"


def test_an_answer_that_has_no_room_comes_by_another_way(arenas: Arenas) -> None:
    take(arenas, memory(writable=False), memory(writable=False))
    (given,) = arenas.map(output_needed=False)
    assert bytes(given[:3]) == b"xxx"
    assert arenas.output is None


def test_one_that_can_come_in_no_other_way_is_an_error(arenas: Arenas) -> None:
    take(arenas, memory(writable=False))
    with pytest.raises(MemoryError, match="no room for an array of the host's"):
        arenas.map(output_needed=True)


def test_arguments_that_have_no_room_are_an_error(arenas: Arenas) -> None:
    take(arenas, os.open("/dev/null", os.O_RDONLY), memory(writable=True))
    with pytest.raises(MemoryError, match="no room for an array of the host's"):
        arenas.map(output_needed=False)
