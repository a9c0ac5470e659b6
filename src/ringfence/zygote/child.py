"""The process of a guest that was started for it alone, as its host holds it."""

from __future__ import annotations

import socket
import sys
from typing import Protocol

from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.endings import Record
from ringfence.zygote.launch import ZygoteConfig

__all__ = ["Child", "start_child"]


class Child(Protocol):
    """One process; usable from any thread."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def record(self) -> Record | None:
        """How it ended, if it has, as far as is known. Its processor time is that of its whole
        life.
        """

    def bound(self, limits: GuestLimits) -> None:
        """Hold it to the limits of the guest that it is to be, where that is done from outside.

        Raises:
            OSError: it cannot be held to them.
        """

    def signal(self, what: int) -> None:
        """Do to it what one of :mod:`.signals` does; one that is gone is no error, nor is one that
        this user may not signal: it ends when its sockets do.
        """

    def await_end(self, timeout: float) -> bool:
        """Wait until it has ended, and reap it; False if it has not."""

    def describe_end(self) -> str:
        """How one ended that has closed its socket before it was a guest."""

    def close(self) -> None:
        """Give back what is held of it; on some systems it ends then."""

    def drop_after_fork(self) -> None:
        """In a forked child: it is the parent's."""


def start_child(config: ZygoteConfig, post: socket.socket) -> Child:
    """Start a process.

    Args:
        config: what it is to be.
        post: its end of the socket that it is told over, which stays the caller's to close.

    Raises:
        StartFailed: there is no such program, or no process for it.
    """
    if sys.platform == "win32":
        from ringfence.zygote.windows_child import WindowsChild

        return WindowsChild(config, post)
    from ringfence.zygote.posix_child import PosixChild

    return PosixChild(config, post)
