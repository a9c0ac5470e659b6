"""Headers of requests. Most requests are the last one again but for the number of their turn: the
host does not write them anew, and the guest knows them when it sees them.
"""

from __future__ import annotations

from typing import Any

from ringfence_guest.protocol.framing import header_bytes

__all__ = ["RequestHeaders"]


class RequestHeaders:
    """Writes headers, and remembers what it wrote last."""

    __slots__ = ("_fields", "_front")

    def __init__(self) -> None:
        self._fields: dict[str, Any] | None = None
        self._front = b""

    def write(self, fields: dict[str, Any], turn: int) -> bytes:
        """The header of a request, as JSON.

        Args:
            fields: those of the header without ``turn``: kept, so they must not change any more.
            turn: the number of the turn, which is the header's last field.
        """
        if fields != self._fields:
            self._fields, self._front = fields, header_bytes(fields)[:-1] + b',"turn":'
        return b"%b%d}" % (self._front, turn)
