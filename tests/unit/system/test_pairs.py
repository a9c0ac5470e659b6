"""Pairs of sockets, also where a system has to connect one to the other."""

from __future__ import annotations

import errno
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


class _Raced:
    """Pairs whose other end a stranger's socket is, in the first so many.

    Args:
        times: how many.
        looks: whether this Python looks at who has connected, as 3.13 does.
    """

    def __init__(self, times: int, *, looks: bool) -> None:
        self.made: list[socket.socket] = []
        self._left = times
        self._looks = looks

    def __call__(self) -> tuple[socket.socket, socket.socket]:
        mine, other = _connected()
        self.made += mine, other
        if not self._left:
            return mine, other
        self._left -= 1
        if self._looks:
            raise ConnectionError("Unexpected peer connection")
        strangers = _connected()
        self.made += strangers
        return mine, strangers[1]

    def close(self) -> None:
        for end in self.made:
            end.close()


@pytest.mark.parametrize("looks", [False, True])
def test_a_stranger_who_came_first_is_no_end(
    monkeypatch: pytest.MonkeyPatch, *, looks: bool
) -> None:
    raced = _Raced(2, looks=looks)
    monkeypatch.setattr(socket, "socketpair", raced)
    here, there = socket_pair()
    assert (here, there) == tuple(raced.made[-2:])
    assert here.getpeername() == there.getsockname()
    raced.close()


@pytest.mark.parametrize("looks", [False, True])
def test_a_stranger_who_always_comes_first_is_named(
    monkeypatch: pytest.MonkeyPatch, *, looks: bool
) -> None:
    raced = _Raced(100, looks=looks)
    monkeypatch.setattr(socket, "socketpair", raced)
    with pytest.raises(ConnectionAbortedError, match="another process connects") as refused:
        socket_pair()
    assert refused.value.errno == errno.ECONNABORTED
    raced.close()


def test_they_block_whatever_sockets_of_the_program_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for make in (socket.socketpair, _connected):
        monkeypatch.setattr(socket, "socketpair", make)
        socket.setdefaulttimeout(5)
        try:
            ends = socket_pair()
        finally:
            socket.setdefaulttimeout(None)
        for end in ends:
            with end:
                assert end.getblocking()
                assert end.gettimeout() is None
