"""The messages between the host and a process that is started for one guest, over its *post*.

The post is a stream socket. A message is an object of JSON, behind its length. Host to worker: what
a zygote is told as well (:func:`.launch.introduce`), and then, with the guest's sockets::

    {"limits", "sockets"}       the numbers of one guest, and how many sockets came with it

Worker to host::

    {"ready"}                   it is warm
    {"failed", "errno", "error", "traceback"}
    {"cpu"}                     it is about to be the guest: the seconds that it has used until then

After that it says nothing more, and the host reads nothing more of it but its end. So what a guest
that has broken out writes there is never looked at.

Sockets go along with the first byte of a message (SCM_RIGHTS of unix(7)); on Windows what makes
them anew in one other process is a part of it (WSADuplicateSocket), which only that host sends.
"""

from __future__ import annotations

import base64
import errno
import json
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["LENGTH", "receive_message", "send_message"]

LENGTH = struct.Struct("<I")
"""What is before each message."""

_MOST_BYTES = 1 << 20
_MOST_DESCRIPTORS = 8
_SHARED = "shared"


def send_message(
    post: socket.socket,
    message: Mapping[str, Any],
    given: Sequence[socket.socket] = (),
    pid: int = 0,
) -> None:
    """Send a message, and sockets with it.

    Args:
        post: one end of it.
        message: what can be written as JSON.
        given: sockets; they stay the caller's to close, once they have arrived.
        pid: of the process that is at the other end, if it is given something.

    Raises:
        OSError: the other end is gone.
    """
    if sys.platform == "win32":
        shared = [base64.b64encode(one.share(pid)).decode() for one in given]
        post.sendall(_pack({**message, _SHARED: shared}))
    else:
        data = _pack(message)
        descriptors = [one.fileno() for one in given]
        sent = socket.send_fds(post, (data,), descriptors) if given else 0
        post.sendall(data[sent:])


def _pack(message: Mapping[str, Any]) -> bytes:
    text = json.dumps(message).encode()
    return LENGTH.pack(len(text)) + text


def receive_message(post: socket.socket) -> tuple[Mapping[str, Any] | None, list[socket.socket]]:
    """The next message, and the sockets that came with it; None if the other end is gone.

    Raises:
        OSError: it cannot be read, or is none.
    """
    given: list[socket.socket] = []
    if sys.platform == "win32":
        head = post.recv(LENGTH.size)
    else:
        head, descriptors, _, _ = socket.recv_fds(post, LENGTH.size, _MOST_DESCRIPTORS)
        given += [socket.socket(fileno=one) for one in descriptors]
    if not head:
        return None, []
    while len(head) < LENGTH.size:
        head += _receive_some(post, LENGTH.size - len(head))
    (size,) = LENGTH.unpack(head)
    if size > _MOST_BYTES:
        raise OSError(errno.EMSGSIZE, f"a message of {size} bytes")
    text = bytearray()
    while len(text) < size:
        text += _receive_some(post, size - len(text))
    message = json.loads(text)
    if not isinstance(message, dict):
        raise OSError(errno.EBADMSG, "a message that is no object")
    if sys.platform == "win32":
        given += [socket.fromshare(base64.b64decode(one)) for one in message.pop(_SHARED, ())]
    return message, given


def _receive_some(post: socket.socket, most: int) -> bytes:
    data = post.recv(most)
    if not data:
        raise ConnectionResetError(errno.ECONNRESET, "it ended in the middle of a message")
    return data
