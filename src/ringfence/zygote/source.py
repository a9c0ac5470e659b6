"""What the processes of guests come from, as its users see it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, Protocol

from ringfence.jail.guest_limits import GuestLimits
from ringfence.zygote.endings import Record
from ringfence.zygote.launch import ZygoteConfig
from ringfence.zygote.spares import Spares
from ringfence.zygote.vitals import Vitals

__all__ = ["GuestSource"]


class GuestSource(Protocol):
    """A zygote, or what stands in for one where nothing can be forked; usable from any thread.

    Attributes:
        users: how many leases of it there are.
        retired: whether it is closed with its last guest.
    """

    users: int
    retired: bool

    @property
    def config(self) -> ZygoteConfig:
        """What it was started with."""

    @property
    def spares(self) -> Spares[Any]:
        """Room for guests that are started ahead of time."""

    @property
    def alive(self) -> bool:
        """Whether it can start guests, as far as is known without asking."""

    @property
    def guests(self) -> int:
        """How many guests were started and not closed, beside the spare ones."""

    def spawn(self, limits: GuestLimits, given: Sequence[int] = ()) -> tuple[int, socket.socket]:
        """Start a guest; does not wait for it.

        Args:
            limits: of this guest.
            given: descriptors that it gets besides its channel, of one that is started for it alone
                those of sockets; they stay the caller's to close.

        Returns:
            the number of the guest, and the host's end of its channel.

        Raises:
            EngineFailure: there is none to be had. What fails later shows when the guest is used:
                its channel ends, and :meth:`exit_record` raises.
        """

    def vitals(self, number: int) -> Vitals | None:
        """What tells what a guest uses; waits until it has begun. None when it is gone.

        Raises:
            EngineFailure: it never lived, or nothing can be found out.
        """

    def send_signal(self, number: int, what: int) -> None:
        """Send a guest one of :mod:`.signals`; one that is gone is no error. KILL never waits."""

    def exit_record(self, number: int, timeout: float) -> Record | None:
        """How a guest has ended, or None.

        Raises:
            EngineFailure: it never lived.
        """

    def wait_for_end(self, number: int, timeout: float) -> None:
        """Wait until a guest that was killed is reaped."""

    def cpu_backstop(self, number: int, cpu: float) -> bool:
        """Whether the bound of the process is what ended a guest that used ``cpu`` seconds."""

    def forget(self, number: int) -> None:
        """The guest is closed: its exit needs no record."""

    def close(self) -> None:
        """End it and every guest of it. Waits until they are reaped."""
