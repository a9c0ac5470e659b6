"""Pairs of sockets, also where a system has to connect one to the other."""

from __future__ import annotations

import socket

import pytest

from ringfence.system.pairs import socket_pair


def _connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = socket.create_connection(server.getsockname())
        return here, server.accept()[0]


def test_what_one_end_says_the_other_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    for make in (socket.socketpair, _connected):
        monkeypatch.setattr(socket, "socketpair", make)
        here, there = socket_pair()
        with here, there:
            here.sendall(b"said")
            assert there.recv(4) == b"said"


def test_what_is_said_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socketpair", _connected)
    for end in socket_pair():
        with end:
            assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_stranger_who_came_first_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a machine whose Python does not look at who has connected."""
    made: list[socket.socket] = []

    def raced() -> tuple[socket.socket, socket.socket]:
        mine, _ = made[:2] = _connected()
        _, strangers = made[2:4] = _connected()
        return mine, strangers

    monkeypatch.setattr(socket, "socketpair", raced)
    with pytest.raises(ConnectionAbortedError, match="another process has connected"):
        socket_pair()
    for end in made:
        end.close()
