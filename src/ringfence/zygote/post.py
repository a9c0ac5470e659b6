"""The messages between the host and a process that is started for one guest, over its *post*.

The post is a stream socket. A message is an object of JSON, behind its length. Host to worker: what
a zygote is told as well (:func:`.launch.introduce`), and then, with the guest's descriptors::

    {"limits", "descriptors"}   the numbers of one guest, and how many descriptors came with it

Worker to host::

    {"ready"}                   it is warm
    {"failed", "errno", "error", "traceback"}
    {"cpu"}                     it is about to be the guest: the seconds that it has used until then

After that it says nothing more, and the host reads nothing more of it but its end. So what a guest
that has broken out writes there is never looked at.
"""

from __future__ import annotations

import errno
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["LENGTH", "receive_message", "send_message"]

LENGTH = struct.Struct("<I")
"""What is before each message."""

_MOST_BYTES = 1 << 20
_MOST_DESCRIPTORS = 8


def send_message(
    post: socket.socket, message: Mapping[str, Any], given: Sequence[int] = ()
) -> None:
    """Send a message, and descriptors with its first byte.

    Raises:
        OSError: the other end is gone.
    """
    text = json.dumps(message).encode()
    data = LENGTH.pack(len(text)) + text
    sent = socket.send_fds(post, (data,), list(given)) if given else 0
    post.sendall(data[sent:])


def receive_message(post: socket.socket) -> tuple[Mapping[str, Any] | None, list[int]]:
    """The next message, and the descriptors that came with it; None if the other end is gone.

    Raises:
        OSError: it cannot be read, or is none.
    """
    head, descriptors, _, _ = socket.recv_fds(post, LENGTH.size, _MOST_DESCRIPTORS)
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
    return message, list(descriptors)


def _receive_some(post: socket.socket, most: int) -> bytes:
    data = post.recv(most)
    if not data:
        raise ConnectionResetError(errno.ECONNRESET, "it ended in the middle of a message")
    return data
