"""Sockets of guests that are being started: none of them stays open in a child of the host's.

Another thread may fork while a process is started, which takes milliseconds. A copy of a socket in
that child would keep the guest from seeing the end of its host, and the host from seeing its.
"""

from __future__ import annotations

import socket
import weakref

from ringfence.system.forks import call_in_forked_children
from ringfence.system.pairs import socket_pair

__all__ = ["make_pair"]

_ROOM = 1 << 17  # bytes under way between two ends

_made: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def make_pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a stream socket, both closed in forked children.

    Raises:
        OSError: there is no descriptor left.
    """
    ends = socket_pair()
    _made.update(ends)
    for end in ends:  # macOS has 8 KiB
        if end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) < _ROOM:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
    return ends


def _drop_all_after_fork() -> None:
    for end in list(_made):
        end.close()


call_in_forked_children(_drop_all_after_fork)
