"""WebSockets whose frames cost no more than they are worth.

A frame may be six bytes, and reading one is work on the loop of everybody; a message may be in any
number of pieces, of which empty ones count for no size. So bytes are read a little at a time,
frames are counted, and messages in pieces, which no client of ours sends, are refused.
"""

from __future__ import annotations

import time
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

__all__ = ["FrugalWebSocket"]

_PIECE = 4 << 10
_FRAMES_PER_SECOND = 2_000.0
_BURST = 4_000.0


class FrugalWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket, with bounds on frames."""

    _left = _BURST
    _counted = 0.0
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as they are worth it."""
        for start in range(0, len(data), _PIECE):
            if self._refused or self.transport.is_closing():
                return
            super().data_received(data[start : start + _PIECE])

    def handle_cont(self, event: Any) -> None:
        """More of a message in pieces."""
        self._refuse("a message in pieces")

    def handle_text(self, event: Any) -> None:
        """A message of text, or the first piece of one."""
        if self._may(event):
            super().handle_text(event)

    def handle_bytes(self, event: Any) -> None:
        """The same, of bytes."""
        if self._may(event):
            super().handle_bytes(event)

    def handle_ping(self) -> None:
        """A ping: the answer is written already."""
        if self._count():
            super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        """An answer to a ping, or to none."""
        if self._count():
            super().handle_pong(event)

    def _may(self, event: Any) -> bool:
        if not event.fin:
            self._refuse("a message in pieces")
            return False
        return self._count()

    def _count(self) -> bool:
        """Whether another frame may come."""
        if self._refused:
            return False
        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._counted) * _FRAMES_PER_SECOND)
        self._counted = now
        self._left -= 1
        if self._left < 0:
            self._refuse("more frames than a client needs")
        return not self._refused

    def _refuse(self, reason: str) -> None:
        if self._refused:
            return
        self._refused = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1008})
        try:
            self.conn.send_close(1008, f"the client broke the protocol: {reason}")
        except InvalidState:
            pass  # it was closing already
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
