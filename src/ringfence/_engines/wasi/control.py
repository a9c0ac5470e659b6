"""The messages of a guest's second socket, between the host and its worker process.

The guest's code does not know of it: the worker, which is the host's own code around the module,
reads and writes it. The socket is SEQPACKET, and a message is a packet; where the system has no
such sockets, it is a stream, and each message has its length (:data:`SIZE`) before it.

Host to worker: first of all :data:`BEGIN` or :data:`THAW`. After :data:`THAW`, when the worker has
said :data:`READY`, the memory of a guest goes to it over the channel, and it says that again when
it is that guest, or :data:`REFUSED` and why. Later :data:`INTERRUPT`, while a turn runs, and
:data:`FREEZE`, between two turns: then what the guest is comes over the channel. Such a memory is
its length (:data:`LENGTH`), two numbers of the worker's (:data:`STATE`), and a delta
(:mod:`ringfence.wasm.pages`).

Where instructions are counted, :data:`BUDGET` and how many a turn may use (:data:`USED`) comes
before its request, unless it may use as many as the one before; :data:`SPENT` and how many it did
use goes before the last byte of its end.

Before a worker ends because of a trap it says :data:`TRAPPED` and why; before it ends because the
guest has no memory to go on with, :data:`EXHAUSTED`; because it used up its fuel,
:data:`OUT_OF_FUEL`. Texts are UTF-8.

The host believes none of it: a guest that has broken out of the module writes what it likes.
"""

from __future__ import annotations

import struct
from typing import Protocol

from ringfence._engines.wasi.ends import End

__all__ = [
    "BEGIN",
    "BUDGET",
    "EXHAUSTED",
    "FREEZE",
    "INTERRUPT",
    "LENGTH",
    "MOST_BYTES",
    "OUT_OF_FUEL",
    "PACKETS",
    "READY",
    "REFUSED",
    "SIZE",
    "SPENT",
    "STATE",
    "STREAM",
    "THAW",
    "TRAPPED",
    "USED",
    "Control",
    "Wire",
    "hear",
]

BEGIN = b"b"
"""Be a fresh guest, ready for the first request."""

INTERRUPT = b"i"
"""Stop what the turn is doing."""

FREEZE = b"f"
"""Send what the guest is."""

THAW = b"t"
"""Become a guest that was frozen."""

READY = b"r"
"""What was ordered can go on, or is done."""

REFUSED = b"n"
"""What was ordered cannot be done."""

TRAPPED = b"x"
"""The module's code ended in a trap: it was in the middle of something, and cannot go on."""

EXHAUSTED = b"m"
"""The guest used up its memory, so that not even the error for that could be handled."""

BUDGET = b"b"
"""How many instructions the next turn may use, and each after it."""

SPENT = b"u"
"""How many the turn has used."""

OUT_OF_FUEL = b"o"
"""The turn has used all that it may: it was in the middle of something, and cannot go on."""

USED = struct.Struct("<Q")
"""A number of instructions."""

LENGTH = struct.Struct("<Q")
"""How many bytes follow."""

STATE = struct.Struct("<QQ")
"""What the worker knows of the guest, see :meth:`.calls.ChannelCalls.state`."""

MOST_BYTES = 4_096
"""The longest message of a worker."""


SIZE = struct.Struct("<H")
"""How long a message is, where that has to be said."""


class Wire(Protocol):
    """How a worker tells messages from each other."""

    def read(self, end: End) -> bytes:
        """The next message; nothing if the host has let go."""

    def write(self, end: End, message: bytes) -> None:
        """Send a message."""


class _Packets:
    def read(self, end: End) -> bytes:
        return end.read(MOST_BYTES)

    def write(self, end: End, message: bytes) -> None:
        end.write(message)


class _Stream:
    def read(self, end: End) -> bytes:
        head = self._read(end, SIZE.size)
        return self._read(end, *SIZE.unpack(head)) if head else b""

    def _read(self, end: End, size: int) -> bytes:
        """So many bytes; the host sends a message whole, so they are there or about to be."""
        data = b""
        while len(data) < size:
            piece = end.read(size - len(data))
            if not piece:
                return b""
            data += piece
        return data

    def write(self, end: End, message: bytes) -> None:
        left = SIZE.pack(len(message)) + message
        while left:
            left = left[end.write(left) :]


PACKETS: Wire = _Packets()
STREAM: Wire = _Stream()


class Control(Protocol):
    """The host's end, which does not block: a socket of packets, or what is like one."""

    def fileno(self) -> int: ...

    def send(self, message: bytes, /) -> int: ...

    def recv(self, most: int, /) -> bytes: ...

    def close(self) -> None: ...


def hear(control: Control) -> bytes:
    """What the worker has said, one message; nothing if it has said nothing.

    Args:
        control: the host's end, which does not block.
    """
    try:
        return control.recv(MOST_BYTES)
    except ConnectionResetError:
        pass  # it ended before it had read all; what it said is behind that
    except OSError:
        return b""
    try:
        return control.recv(MOST_BYTES)
    except OSError:
        return b""
