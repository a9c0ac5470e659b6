"""Waiting with ``poll``, and with ``select`` where that is missing: the same answers."""

from __future__ import annotations

import select
import socket

import pytest

from ringfence_guest.readiness import POLLIN, POLLOUT, Poll, SelectPoll, await_one, make_poll

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["poll", "select"])
def poll(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Poll:
    if request.param == "select":
        monkeypatch.delattr(select, "poll")
    made = make_poll()
    assert isinstance(made, SelectPoll) == (request.param == "select")
    return made


def test_nothing_is_ready(poll: Poll, ends: Ends) -> None:
    poll.register(ends[0].fileno(), POLLIN)
    assert poll.poll(0) == []
    assert poll.poll(1) == []
    assert not await_one(ends[0].fileno(), POLLIN, 0)
    assert not await_one(ends[0].fileno(), POLLIN, -1)


def test_each_event_that_is_asked_for_is_told(poll: Poll, ends: Ends) -> None:
    here, there = ends
    there.send(b"x")
    poll.register(here.fileno(), POLLIN | POLLOUT)
    poll.register(there.fileno(), POLLOUT)
    expected = [(here.fileno(), POLLIN | POLLOUT), (there.fileno(), POLLOUT)]
    assert sorted(poll.poll(None)) == sorted(expected)
    poll.modify(here.fileno(), POLLIN)
    poll.modify(there.fileno(), POLLIN)
    assert poll.poll(None) == [(here.fileno(), POLLIN)]
    assert await_one(here.fileno(), POLLIN, 60)


def test_what_has_ended_can_be_read(poll: Poll, ends: Ends) -> None:
    here, there = ends
    poll.register(here.fileno(), POLLIN)
    there.close()
    ((descriptor, events),) = poll.poll(None)
    assert descriptor == here.fileno()
    assert events & POLLIN


def test_what_is_full_has_no_room(poll: Poll, ends: Ends) -> None:
    here, there = ends
    here.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            here.send(bytes(65_536))
    poll.register(here.fileno(), POLLIN | POLLOUT)
    assert poll.poll(0) == []
    there.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            there.recv(65_536)
    assert poll.poll(None) == [(here.fileno(), POLLOUT)]


def test_a_crowd_is_asked_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows takes no more in one call."""
    asked: list[int] = []

    def few(read: list[int], write: list[int], broken: object, timeout: float) -> object:
        asked.append(len(read))
        assert timeout <= 0.1
        return [one for one in read if one > 990], write, broken

    poll = SelectPoll()
    for descriptor in range(1_100):
        poll.register(descriptor, POLLIN)
    monkeypatch.setattr(select, "select", few)
    assert poll.poll(None) == [(descriptor, POLLIN) for descriptor in range(991, 1_100)]
    assert asked == [500, 500, 100]
