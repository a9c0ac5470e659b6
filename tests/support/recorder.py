"""A channel whose other end is the test: for the guest's side of the protocol without a host."""

from __future__ import annotations

from typing import Any

from ringfence_guest.protocol.framing import Frame, FrameReader

__all__ = ["Recorder"]


class Recorder:
    """A channel that keeps what is sent, and receives nothing."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def fileno(self) -> None:
        return None

    def wait(self, timeout: float | None) -> bool:
        raise AssertionError("nothing waits here")

    def receive(self, buffer: memoryview) -> int:
        raise AssertionError("nothing is received here")

    def take_descriptors(self, count: int) -> list[int]:
        raise AssertionError("nothing is lent here")

    def send(self, buffers: list[Any]) -> int:
        self.sent += [bytes(buffer) for buffer in buffers]
        return sum(map(len, buffers))

    def frames(self) -> list[Frame]:
        """What was sent."""
        reader, data = FrameReader(1 << 20), b"".join(self.sent)
        reader.buffer()[: len(data)] = data
        return reader.received(len(data))
