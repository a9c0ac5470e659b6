"""The messages of a guest's second socket, between the host and its worker process.

The guest's code does not know of it: the worker, which is the host's own code around the module,
reads and writes it. The socket is SEQPACKET: a message is a packet.

Host to worker: first of all :data:`BEGIN` or :data:`THAW`. After :data:`THAW`, when the worker has
said :data:`READY`, the memory of a guest goes to it over the channel, and it says that again when
it is that guest, or :data:`REFUSED` and why. Later :data:`INTERRUPT`, while a turn runs, and
:data:`FREEZE`, between two turns: then what the guest is comes over the channel. Such a memory is
its length (:data:`LENGTH`), two numbers of the worker's (:data:`STATE`), and a delta
(:mod:`ringfence.wasm.pages`).

Before a worker ends because of a trap it says :data:`TRAPPED` and why; before it ends because the
guest has no memory to go on with, :data:`EXHAUSTED`. Texts are UTF-8.

The host believes none of it: a guest that has broken out of the module writes what it likes.
"""

from __future__ import annotations

import struct

__all__ = [
    "BEGIN",
    "EXHAUSTED",
    "FREEZE",
    "INTERRUPT",
    "LENGTH",
    "MOST_BYTES",
    "READY",
    "REFUSED",
    "STATE",
    "THAW",
    "TRAPPED",
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

LENGTH = struct.Struct("<Q")
"""How many bytes follow."""

STATE = struct.Struct("<QQ")
"""What the worker knows of the guest, see :meth:`.calls.ChannelCalls.state`."""

MOST_BYTES = 4_096
"""The longest message of a worker."""
