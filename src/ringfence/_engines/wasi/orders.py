"""What the host orders over the control socket (:mod:`.control`), taken by two threads in turn."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable

from ringfence._engines.wasi.control import INTERRUPT, PACKETS, Wire
from ringfence._engines.wasi.ends import End

__all__ = ["Orders", "await_order"]


def await_order(control: int) -> None:
    """Wait until there is something to read from a control socket."""
    select.select((control,), (), ())


class Orders:
    """Takes orders.

    An interrupt is for the turn that runs when the host sends it. It comes over another socket than
    requests do, so one that was late may still lie here when the next request is there: who begins
    a turn takes what has come before it.

    Args:
        control: the worker's end of the socket.
        interrupt: stops what the turn is doing.
        give: is told any other order.
        wire: how messages are told from each other.
    """

    def __init__(
        self,
        control: End,
        interrupt: Callable[[], None],
        give: Callable[[bytes], None],
        wire: Wire = PACKETS,
    ) -> None:
        self._control = control
        self._interrupt = interrupt
        self._give = give
        self._wire = wire
        self._taking = threading.Lock()

    def take_first(self) -> bytes:
        """Wait for the first message, which says what to be."""
        return self._wire.read(self._control)

    def listen(self, wait: Callable[[int], None]) -> None:
        """Take orders as they come, until the host has let go of the guest.

        Args:
            wait: as :func:`await_order`.
        """
        there = True
        while there:
            wait(self._control.fileno())
            with self._taking:
                there = self._take(self._interrupt)

    def begin_turn(self, forget: Callable[[], None]) -> None:
        """Take what has come, but no interrupt, and forget those that were taken before."""
        with self._taking:
            self._take(lambda: None)
            forget()

    def _take(self, interrupt: Callable[[], None]) -> bool:
        """Take what there is; False when the host has let go."""
        while select.select((self._control.fileno(),), (), (), 0)[0]:
            order = self._wire.read(self._control)
            if not order:
                return False
            if order == INTERRUPT:
                interrupt()
            else:
                self._give(order)
        return True

    def close(self) -> None:
        """Nothing more is said."""
        self._control.close()

    def say(self, message: bytes) -> None:
        """Answer the host."""
        self._wire.write(self._control, message)
