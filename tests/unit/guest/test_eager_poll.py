"""A wait that looks before it sleeps: when it does, and that it loses nothing."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from itertools import count

import pytest

from ringfence_guest.eager_poll import EagerPoll


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def _waiting(read: int, cores: int, times: Iterator[float]) -> EagerPoll:
    poll = EagerPoll(cores, lambda: next(times))
    poll.register(read, select.POLLIN)
    return poll


def _quick() -> Iterator[float]:
    """Time that passes only when it is looked at: 50 us each time."""
    return (tick * 0.000_05 for tick in count())


def test_the_first_wait_sleeps_and_a_short_one_makes_the_next_eager(pipe: tuple[int, int]) -> None:
    read, write = pipe
    poll = _waiting(read, 2, _quick())
    os.write(write, b"x")
    seen = [poll.eager]
    for _ in range(2):  # the second is found by looking
        assert poll.poll(1000) == [(read, select.POLLIN)]
        seen.append(poll.eager)
    assert seen == [False, True, True]


def test_a_wait_that_was_long_ends_the_looking(pipe: tuple[int, int]) -> None:
    read, write = pipe
    poll = _waiting(read, 2, iter([0.0, 0.000_1, 0.0, 0.1, 0.2]))
    os.write(write, b"x")
    poll.poll(1000)
    seen = [poll.eager]
    os.read(read, 1)
    assert poll.poll(1) == []  # looked, gave up, slept
    seen.append(poll.eager)
    assert seen == [True, False]


def test_one_core_alone_never_looks(pipe: tuple[int, int]) -> None:
    read, write = pipe
    poll = _waiting(read, 1, _quick())
    os.write(write, b"x")
    assert poll.poll(1000) == [(read, select.POLLIN)]
    assert not poll.eager


def test_what_comes_after_the_looking_is_still_waited_for(pipe: tuple[int, int]) -> None:
    read, write = pipe
    gave_up = threading.Event()

    def times() -> Iterator[float]:
        yield from (0.0, 0.0)  # a short wait
        yield 0.0
        gave_up.set()  # the clock is read once more when nothing was found
        while True:
            yield 1.0

    poll = _waiting(read, 2, times())
    os.write(write, b"x")
    poll.poll(1000)
    assert poll.eager
    os.read(read, 1)
    late = threading.Thread(target=lambda: gave_up.wait(60) and os.write(write, b"y"))
    late.start()
    assert poll.poll(60_000) == [(read, select.POLLIN)]
    late.join()


def test_who_waits_otherwise_tells_how_long_it_took(pipe: tuple[int, int]) -> None:
    read, write = pipe
    poll = _waiting(read, 2, iter([0.000_1, 0.0, 0.000_3, 1.0]))
    os.write(write, b"x")
    assert poll.look(0.0) == []  # nobody expects it to be quick
    poll.learn(0.0)
    assert poll.look(0.0) == [(read, select.POLLIN)]
    os.read(read, 1)
    assert poll.look(0.0) == []  # after two looks
    poll.learn(0.0)
    assert not poll.eager


def test_who_looks_in_vain_sleeps_through_more_and_more_waits(pipe: tuple[int, int]) -> None:
    read, write = pipe
    asked, now = 0, 0.0

    def clock() -> float:
        nonlocal asked
        asked += 1
        return now

    poll = EagerPoll(2, clock)
    poll.register(read, select.POLLIN)

    def wait() -> bool:
        """A short wait; whether it began with looking, which asks for the time."""
        nonlocal now
        before = asked
        now = 1.0  # one look, and its time is over
        found = poll.look(0.0)
        looked = asked > before or bool(found)
        now = 0.0
        if not found:
            poll.learn(0.0)
        return looked

    poll.learn(0.0)
    assert [number for number in range(40) if wait()] == [0, 2, 6, 14, 30]
    os.write(write, b"x")
    assert [number for number in range(64) if wait()][:2] == [22, 23]
    os.read(read, 1)
    assert [number for number in range(8) if wait()] == [0, 2, 6]
