"""The messages of a guest's second socket, between the host and its worker process.

The guest's code does not know of it: the worker, which is the host's own code around the module,
reads and writes it. The socket is SEQPACKET: a message is a packet. Host to worker:
:data:`INTERRUPT`. Worker to host, before it ends: :data:`TRAPPED` and why, as UTF-8.

The host believes none of it: a guest that has broken out of the module writes what it likes.
"""

from __future__ import annotations

__all__ = ["INTERRUPT", "MOST_BYTES", "TRAPPED"]

INTERRUPT = b"i"
"""Stop what the turn is doing."""

TRAPPED = b"t"
"""The module's code ended in a trap: it was in the middle of something, and cannot go on."""

MOST_BYTES = 4_096
"""The longest message of a worker."""
