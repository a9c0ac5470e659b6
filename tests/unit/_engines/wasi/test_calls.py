"""What a worker waits for: its host, or somebody who wakes it, at whatever moment that is."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from ringfence._engines.wasi.calls import _A_WHILE, ChannelCalls
from ringfence.runtime.idle import IDLE_SECONDS
from ringfence.wasm.host import INTERRUPTED

_LONG = 10**9  # nanoseconds


@pytest.fixture(params=["an eventfd", "a pipe"])
def wakes(request: pytest.FixtureRequest) -> Iterator[tuple[int, ...]]:
    """What is read, and what is written if that is another descriptor. None blocks, as a guest's own
    do: for ever, where this fails.
    """
    if request.param == "an eventfd":
        descriptors: tuple[int, ...] = (os.eventfd(0, os.EFD_NONBLOCK),)
    else:
        descriptors = os.pipe2(os.O_NONBLOCK)
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def wake(wakes: tuple[int, ...]) -> int:
    return wakes[0]


@pytest.fixture
def calls(ends: tuple[socket.socket, socket.socket], wakes: tuple[int, ...]) -> ChannelCalls:
    made = ChannelCalls()
    made.serve(ends[1].fileno(), *wakes)
    return made


def _is_readable(descriptor: int) -> bool:
    return bool(select.select((descriptor,), (), (), 0)[0])


@pytest.mark.parametrize("moment", ["before it is read", "behind that"])
@pytest.mark.parametrize("what", ["interrupt", "order"])
def test_who_wakes_while_a_wait_ends(
    calls: ChannelCalls, wake: int, monkeypatch: pytest.MonkeyPatch, moment: str, what: str
) -> None:
    """The thread that listens wakes the one that waits while that ends its wait already."""
    read = os.read
    wakers: dict[str, Callable[[], None]] = {
        "interrupt": calls.wake,
        "order": lambda: calls.give_order(b"freeze"),
    }

    def read_meanwhile(descriptor: int, size: int) -> bytes:
        assert descriptor == wake
        monkeypatch.setattr(os, "read", read)
        if moment == "before it is read":
            wakers[what]()
        data = read(descriptor, size)
        if moment == "behind that":
            wakers[what]()
        return data

    monkeypatch.setattr(os, "read", read_meanwhile)
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
