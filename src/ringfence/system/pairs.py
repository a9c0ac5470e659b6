"""Two sockets that are each other's, and nobody else's."""

from __future__ import annotations

import errno
import socket

__all__ = ["MOST_AT_ONCE", "socket_pair"]

MOST_AT_ONCE = 1 << 20
"""Bytes to send in one call. Windows takes all that it is given, or refuses tens of megabytes."""

_ATTEMPTS = 5


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a stream. Both block.

    Where the system makes no pairs, as Windows, one end connects to the other over loopback, and
    another process of the machine may come first: then there is another attempt. What is said
    leaves at once there as well.

    Raises:
        OSError: there is no descriptor left, or somebody comes between again and again.
    """
    for _ in range(_ATTEMPTS):
        try:
            here, there = socket.socketpair()
        except ConnectionError:  # Python 3.13 looks as well
            continue
        try:
            for end in (here, there):
                end.setblocking(True)  # unless the program has a timeout for all of its sockets
            if here.family not in (socket.AF_INET, socket.AF_INET6):
                return here, there
            if _are_each_others(here, there):
                for end in (here, there):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return here, there
        except BaseException:
            here.close()
            there.close()
            raise
        here.close()
        there.close()
    raise ConnectionAbortedError(
        errno.ECONNABORTED, "another process connects to the sockets of this one"
    )


def _are_each_others(here: socket.socket, there: socket.socket) -> bool:
    names = here.getsockname(), there.getsockname()
    return names == (there.getpeername(), here.getpeername())
