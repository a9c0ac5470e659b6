"""What the host believes of a worker that tells what its guest used."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ringfence._engines.wasi.control import BUDGET, OUT_OF_FUEL, SPENT, TRAPPED, USED
from ringfence._engines.wasi.meter import WorkerMeter
from ringfence.wasm.fuel import UNBOUNDED


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(("fuel", "told"), [(5, 5), (None, UNBOUNDED)])
def test_the_budget_is_told(
    ends: tuple[socket.socket, socket.socket], fuel: int | None, told: int
) -> None:
    WorkerMeter(ends[0]).begin(fuel)
    assert ends[1].recv(100) == BUDGET + USED.pack(told)


def test_a_budget_that_stays_is_told_once(ends: tuple[socket.socket, socket.socket]) -> None:
    meter = WorkerMeter(ends[0])
    for fuel in (5, 5, None, None, 5):
        meter.begin(fuel)
    told = [ends[1].recv(100) for _ in range(3)]
    assert told == [BUDGET + USED.pack(number) for number in (5, UNBOUNDED, 5)]
    with pytest.raises(BlockingIOError):
        ends[1].recv(100, socket.MSG_DONTWAIT)


@pytest.mark.parametrize(
    ("said", "used"),
    [
        (SPENT + USED.pack(7), 7),
        (SPENT + USED.pack(10), 10),
        (SPENT + USED.pack(11), None),
        (SPENT + USED.pack((1 << 64) - 1), None),
        (SPENT, None),
        (SPENT + bytes(9), None),
        (OUT_OF_FUEL, None),
        (TRAPPED + b"of something else", None),
        (b"\0nonsense", None),
        (b"", None),
    ],
)
def test_what_was_used(
    ends: tuple[socket.socket, socket.socket], said: bytes, used: int | None
) -> None:
    meter = WorkerMeter(ends[0])
    meter.begin(10)
    if said:
        ends[1].send(said)
    assert meter.used() == used
    assert meter.exhausted == (said == OUT_OF_FUEL)


def test_a_turn_that_its_worker_ended_for_want_of_fuel(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    meter = WorkerMeter(ends[0])
    meter.begin(10)
    ends[1].send(OUT_OF_FUEL)
    assert meter.used() is None  # what said that the turn had ended was no honest guest
    meter.end()
    assert meter.used() == 10


def test_a_worker_that_ended_and_had_fuel(ends: tuple[socket.socket, socket.socket]) -> None:
    meter = WorkerMeter(ends[0])
    meter.begin(10)
    meter.end()
    assert meter.used() is None


def test_each_turn_is_told_anew(ends: tuple[socket.socket, socket.socket]) -> None:
    meter = WorkerMeter(ends[0])
    meter.begin(10)
    ends[1].send(SPENT + USED.pack(3))
    assert (meter.used(), meter.used()) == (3, 3)
    meter.begin(10)
    assert meter.used() is None


def test_a_worker_that_ended_with_orders_to_read(ends: tuple[socket.socket, socket.socket]) -> None:
    meter = WorkerMeter(ends[0])
    meter.begin(10)
    ends[1].send(OUT_OF_FUEL)
    ends[1].close()  # the kernel tells of what was not read before it gives what was said
    assert meter.used() is None
    meter.end()
    assert meter.used() == 10


def test_a_worker_that_is_gone(ends: tuple[socket.socket, socket.socket]) -> None:
    meter = WorkerMeter(ends[0])
    ends[1].close()
    meter.begin(10)
    assert meter.used() is None
