"""Fixtures of the unit tests."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ringfence_guest.protocol import turn


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give an interrupted guest all the time it needs before it is killed.

    Whether it heeds an interrupt within the real grace depends on how busy the machine is; that it
    heeds it does not. The grace itself is tested with a clock that is a number.
    """
    monkeypatch.setattr(turn, "CANCEL_GRACE", 30.0)
    monkeypatch.setattr(turn.Turn._end, "__defaults__", (30.0,))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The host's end of a channel, and a worker's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs
