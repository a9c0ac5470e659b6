"""Who may use a sandbox now: one turn at a time, others queue, nobody waits for themselves."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from ringfence.errors import SandboxBusy

__all__ = ["BUSY", "Turnstile"]

BUSY = (
    "a turn of this sandbox is still open here: read its stream to the end, or close it, before "
    "the next; a sandbox cannot be used from inside its own turn"
)
"""What a second turn of the same thread or task is told."""


class Turnstile:
    """For threads. A thread that holds it is refused a second turn, which would wait for ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the calling thread holds it."""
        return self._holder == threading.get_ident()

    def refuse_holder(self) -> None:
        """Raise SandboxBusy if the calling thread holds it."""
        if self.is_mine:
            raise SandboxBusy(BUSY)

    def claim(self) -> None:
        """The turn goes on in the calling thread (a stream may be read by several)."""
        self._holder = threading.get_ident()

    def acquire(self, timeout: float = -1) -> bool:
        """Wait for it, at most ``timeout`` seconds.

        Raises:
            SandboxBusy: the calling thread holds it.
        """
        caller = threading.get_ident()
        if self._holder == caller:
            raise SandboxBusy(BUSY)
        if not self._lock.acquire(timeout=timeout):
            return False
        self._holder = caller
        return True

    def release(self) -> None:
        """Let the next one through; any thread."""
        self._holder = None
        self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
