"""What a worker waits for: its host, or somebody who wakes it, at whatever moment that is."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from ringfence._engines.wasi.calls import _A_WHILE, ChannelCalls
from ringfence._engines.wasi.ends import Descriptor, End, Stream
from ringfence.runtime.idle import IDLE_SECONDS
from ringfence.wasm.host import INTERRUPTED

_LONG = 10**9  # nanoseconds


@pytest.fixture(params=["an eventfd", "a pair of sockets"])
def wakes(request: pytest.FixtureRequest) -> Iterator[tuple[End, ...]]:
    """What is read, and what is written if that is another end. None blocks, as a guest's own do: for
    ever, where this fails.
    """
    if request.param == "an eventfd":
        descriptor = os.eventfd(0, os.EFD_NONBLOCK)
        yield (Descriptor(descriptor),)
        os.close(descriptor)
    else:
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.setblocking(False)
            yield Stream(here), Stream(there)


@pytest.fixture
def wake(wakes: tuple[End, ...]) -> int:
    return wakes[0].fileno()


@pytest.fixture
def calls(ends: tuple[socket.socket, socket.socket], wakes: tuple[End, ...]) -> ChannelCalls:
    made = ChannelCalls()
    made.serve(Stream(ends[1]), *wakes)
    return made


class Meddled:
    """An end with somebody who does something before or behind the next reading of it."""

    def __init__(self, end: End, before: Callable[[], None], behind: Callable[[], None]) -> None:
        self.fileno, self.read_into = end.fileno, end.read_into
        self.write, self.close = end.write, end.close
        self._read, self._before, self._behind = end.read, before, behind

    def read(self, most: int, /) -> bytes:
        before, behind = self._before, self._behind
        self._before = self._behind = nothing
        before()
        data = self._read(most)
        behind()
        return data


def nothing() -> None:
    pass


def _is_readable(descriptor: int) -> bool:
    return bool(select.select((descriptor,), (), (), 0)[0])


@pytest.mark.parametrize("moment", ["before it is read", "behind that"])
@pytest.mark.parametrize("what", ["interrupt", "order"])
def test_who_wakes_while_a_wait_ends(
    ends: tuple[socket.socket, socket.socket], wakes: tuple[End, ...], moment: str, what: str
) -> None:
    """The thread that listens wakes the one that waits while that ends its wait already."""
    calls, wake = ChannelCalls(), wakes[0].fileno()
    wakers: dict[str, Callable[[], None]] = {
        "interrupt": calls.wake,
        "order": lambda: calls.give_order(b"freeze"),
    }
    meddlers = [wakers[what], nothing]
    if moment == "behind that":
        meddlers.reverse()
    calls.serve(Stream(ends[1]), Meddled(wakes[0], *meddlers), wakes[-1])

    calls.wake()
    if what == "order":
        assert calls.await_request() == b"freeze"
    else:
        assert calls.wait(_LONG, False) == INTERRUPTED
    calls.forget_wake()
    assert not _is_readable(wake)
    calls.wake()  # it is not believed to be awake still
    assert calls.wait(_LONG, False) == INTERRUPTED
    assert not _is_readable(wake)


def test_a_wake_that_came_late_is_forgotten(calls: ChannelCalls, wake: int) -> None:
    calls.wake()
    calls.wake()
    calls.forget_wake()
    assert not _is_readable(wake)
    assert calls.wait(0, False) == 0


def test_an_order_is_not_forgotten_with_it(calls: ChannelCalls) -> None:
    calls.give_order(b"freeze")
    calls.forget_wake()
    assert calls.await_request() == b"freeze"


def test_a_request_is_waited_for(
    calls: ChannelCalls, ends: tuple[socket.socket, socket.socket]
) -> None:
    assert calls.wait(0, True) == 0
    ends[0].send(b"x")
    assert calls.await_request() == b""
    assert calls.wait(-1, True) == 1


def test_who_waits_for_a_while_rests_once(
    calls: ChannelCalls, ends: tuple[socket.socket, socket.socket]
) -> None:
    rests: list[str] = []

    def rest() -> None:
        rests.append("rest")
        ends[0].send(b"a request")

    assert calls.await_request(rest) == b""
    assert rests == ["rest"]
    assert calls.await_request(rest) == b""  # it is there already
    assert rests == ["rest"]


def test_an_order_ends_a_rest(calls: ChannelCalls) -> None:
    assert calls.await_request(lambda: calls.give_order(b"f")) == b"f"


def test_a_guest_rests_before_its_host_stops_it() -> None:
    assert _A_WHILE / 1000 < IDLE_SECONDS
