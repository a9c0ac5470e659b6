"""What a module imports: the calls, as the room that serves them implements them."""

from __future__ import annotations

from typing import Protocol

__all__ = ["CLOCKS", "IMPORTS", "INTERRUPTED", "MODULE", "OUT_OF_MEMORY", "GuestLeft", "HostCalls"]

MODULE = "ringfence"
"""The name that all imports have in common."""

INTERRUPTED = -27
"""What a call returns that was woken to stop the turn: WASI's EINTR, negated."""

OUT_OF_MEMORY = 256
"""With what a guest leaves that has no memory to go on with; its own codes are below."""

CLOCKS = ("realtime", "monotonic", "processor")

IMPORTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "send": (("i32", "i32"), ("i32",)),
    "receive": (("i32", "i32"), ("i32",)),
    "wait": (("i64", "i32"), ("i32",)),
    "clock": (("i32",), ("i64",)),
    "entropy": (("i32", "i32"), ()),
    "log": (("i32", "i32"), ()),
    "leave": (("i32",), ()),
}
"""Name -> (parameters, results). A module that imports anything else is not started."""


class GuestLeft(Exception):
    """The guest asked to end. ``code`` is what it said."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class HostCalls(Protocol):
    """Each is given memory of the guest, checked; what it raises ends the guest."""

    def send(self, data: memoryview) -> int:
        """Write some bytes to the channel; waits for room."""

    def receive(self, buffer: memoryview) -> int:
        """Read at least one byte; 0: the host is gone."""

    def wait(self, nanoseconds: int, channel: bool) -> int:
        """Wait; 1 if the channel has something to read, 0 if not."""

    def clock(self, which: int) -> int:
        """Nanoseconds of one of :data:`CLOCKS`."""

    def entropy(self, buffer: memoryview) -> None:
        """Fill with random bytes."""

    def log(self, text: bytes) -> None:
        """What C code prints."""
