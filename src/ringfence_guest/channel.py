"""The guest's end of its one byte channel."""

from __future__ import annotations

import os
import select
from typing import Any, Protocol

from ringfence_guest.eager_poll import EagerPoll

__all__ = ["FdChannel", "GuestChannel"]


class GuestChannel(Protocol):
    """What the guest needs of a channel. All calls block."""

    def fileno(self) -> int | None:
        """A descriptor to poll, or None where there is none."""

    def wait(self, timeout: float | None) -> bool:
        """Wait for something to read; may be interrupted, and then has consumed nothing."""

    def receive(self, buffer: memoryview) -> int:
        """Read at least one byte into ``buffer``; 0 means that the host is gone."""

    def send(self, buffers: list[Any]) -> int:
        """Write some of ``buffers``; returns how many bytes."""

    def take_descriptors(self, count: int) -> list[int]:
        """The next ``count`` descriptors that came, or fewer where they found no room; the caller
        closes them.
        """


class FdChannel:
    """A socket or a pair of pipes.

    Args:
        read: what the host's bytes come from.
        write: where the guest's go; None is the same.
        cores: how many processors guest and host have; with more than one, waits that are short
            begin with looking. None asks.
    """

    __slots__ = ("_poll", "_read", "_write")

    def __init__(self, read: int, write: int | None = None, *, cores: int | None = 1) -> None:
        self._read = read
        self._write = read if write is None else write
        self._poll = EagerPoll(cores)
        self._poll.register(read, select.POLLIN)

    def fileno(self) -> int | None:
        return self._read

    def wait(self, timeout: float | None) -> bool:
        return bool(self._poll.poll(None if timeout is None else max(0, timeout * 1000)))

    def receive(self, buffer: memoryview) -> int:
        self._await()
        return os.readv(self._read, [buffer])

    def _await(self) -> None:
        if not self._poll.poll(0):  # else what was waited for has come
            self._poll.poll(None)

    def send(self, buffers: list[Any]) -> int:
        return os.writev(self._write, buffers)

    def take_descriptors(self, count: int) -> list[int]:
        raise ValueError("this channel carries no descriptors")
