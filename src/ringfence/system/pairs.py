"""Two sockets that are each other's, and nobody else's."""

from __future__ import annotations

import errno
import socket

__all__ = ["socket_pair"]


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a stream.

    Where the system makes no pairs, as Windows, one end connects to the other over loopback, and
    another process of the machine may come first: then there is no pair. What is said leaves at
    once there as well.

    Raises:
        OSError: there is no descriptor left, or somebody came between.
    """
    here, there = socket.socketpair()
    if here.family not in (socket.AF_INET, socket.AF_INET6):
        return here, there
    try:
        names = here.getsockname(), there.getsockname()
        if names != (there.getpeername(), here.getpeername()):
            raise ConnectionAbortedError(
                errno.ECONNABORTED, "another process has connected to a socket of this one"
            )
        for end in (here, there):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        here.close()
        there.close()
        raise
    return here, there
