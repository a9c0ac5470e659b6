"""A channel without chance, for guests whose instructions are counted.

A stream arrives in pieces, as the kernel and the host happen to cut it, and a guest that reads it
in other pieces runs other instructions. So this one gives a guest one whole frame at a time, or as
much of it as there is room for, and takes all that it sends.

It also keeps back the last byte of the frame that ends a turn, until the turn's instructions are
counted: when the host reads that the turn has ended, it has been told what the turn used. The guest
cannot go on in secret behind its own last word. What it says is taken for no more than a reason to
hold a byte back, so nothing is gained by saying it wrongly.
"""

from __future__ import annotations

import struct

from ringfence._engines.wasi.calls import ChannelCalls

__all__ = ["WholeFrames"]

_PREFIX = struct.Struct("<III")
_SETUP = b'{"type":"setup"'
_DONE = b'{"type":"done"'


class WholeFrames(ChannelCalls):
    """:class:`ChannelCalls`, frame by frame."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = b""  # of a frame from the host: what was read of it and not given on
        self._rest = 0  # what was not read of it
        self._leaving = 0  # what the guest has not sent of its frame
        self._ending = False
        self._held = b""

    # --- what the host sends ---------------------------------------------------------------

    def begin(self) -> bool:
        """A request is there, and the guest is about to read it; whether it is one that only sets
        up the guest.
        """
        self._leaving, self._ending, self._held = 0, False, b""
        return not self._rest and self._begin_frame() and self._begun.startswith(_SETUP, 12)

    def _begin_frame(self) -> bool:
        """Have the beginning of a frame, its header and all; False when the host is gone."""
        if self._begun:
            return True
        prefix = bytearray(_PREFIX.size)
        if not self._fill(memoryview(prefix)):
            return False
        header, body, blob = _PREFIX.unpack(prefix)
        text = bytearray(header)
        if not self._fill(memoryview(text)):
            return False
        self._begun, self._rest = bytes(prefix + text), body + blob
        return True

    def _fill(self, buffer: memoryview) -> bool:
        while buffer:
            got = self._channel.read_into(buffer)
            if not got:
                return False
            buffer = buffer[got:]
        return True

    def receive(self, buffer: memoryview) -> int:
        self._let_go()
        if not buffer or (not self._rest and not self._begin_frame()):
            return 0
        size = min(len(buffer), len(self._begun))
        buffer[:size], self._begun = self._begun[:size], self._begun[size:]
        left = min(len(buffer) - size, self._rest)
        self._rest -= left
        return size + left if self._fill(buffer[size : size + left]) else 0

    def wait(self, nanoseconds: int, channel: bool) -> int:
        self._let_go()
        return 1 if channel and self._begun else super().wait(nanoseconds, channel)

    # --- what the guest sends --------------------------------------------------------------

    def send(self, data: memoryview) -> int:
        self._let_go()
        self._ending = self._ending or self._has_end(data)
        if self._ending:
            self._held = bytes(data[-1:])
        self._write(data[: len(data) - len(self._held)])
        return len(data)

    def end(self) -> None:
        """The turn is over, and what it used was told."""
        self._let_go()

    def _let_go(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._write(memoryview(held))

    def _write(self, data: memoryview) -> None:
        while data:
            data = data[self._channel.write(data) :]

    def _has_end(self, data: memoryview) -> bool:
        """Whether the frame that ends a turn begins in what is sent."""
        at = min(self._leaving, len(data))
        self._leaving -= at
        while len(data) - at >= _PREFIX.size:
            if data[at + 12 : at + 12 + len(_DONE)] == _DONE:
                return True
            size = _PREFIX.size + sum(_PREFIX.unpack_from(data, at))
            self._leaving = max(0, size - (len(data) - at))
            at += size
        return False
