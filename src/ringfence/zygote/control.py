"""The messages of the control socket, between the host and a zygote.

The socket is SEQPACKET: a message is a packet. Host to zygote: :data:`REQUEST` with the guest's
channel as a descriptor, or :data:`KILL`. Zygote to host, JSON::

    {"ready", "python", "data"}
    {"id"}                  with the guest's pidfd
    {"id", "ended"}         without: it ended before it could be announced
    {"id", "error"}         there was no process for it
    {"exits": [[id, status, cpu seconds, max resident bytes, error], …], "lost": [id, …]}

``error`` in an exit record is not null when the guest could not be confined, so that none of the
host's code ran in it.
"""

from __future__ import annotations

import struct

__all__ = ["KILL", "REQUEST"]

REQUEST = struct.Struct("<QQQQQd?")
"""Number of the request; memory, disk, files, threads, cpu, once."""

KILL = struct.Struct("<Q")
"""Number of the guest: for a host that has no pidfd of it."""
