"""What the module imports, served in the worker: the channel, waiting, clocks, entropy."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

from ringfence._engines.wasi.ends import End
from ringfence.wasm.host import INTERRUPTED
from ringfence_guest.eager_poll import EagerPoll
from ringfence_guest.readiness import POLLIN

__all__ = ["ChannelCalls"]

_NANO = 1e9
_LONG = 1e8  # seconds; select(2) takes no more than fit into its struct
_A_WHILE = 30  # milliseconds; the host stops a guest that has had nothing to do for longer
_ONE = (1).to_bytes(8, "little")
"""What is written to wake a wait, and read where it was woken: an eventfd takes nothing else."""

_CLOCKS = (time.time_ns, time.monotonic_ns)


class ChannelCalls:
    """Serves the imports over ends that come later: the instance is made before the fork, its
    guest's channel after it.
    """

    _channel: End
    _wake: End
    _waker: End

    def __init__(self) -> None:
        self._woken = False
        self._order = b""
        self._poll = EagerPoll()
        self._spent = 0

    def serve(self, channel: End, wake: End, waker: End | None = None) -> None:
        """Serve over these, which may come later.

        Args:
            channel: blocks.
            wake: an eventfd, or the end that is read of something that is written to wake a wait.
            waker: the end that is written, if it is another.
        """
        self._channel = channel
        self._wake = wake
        self._waker = wake if waker is None else waker
        self._poll.register(channel.fileno(), POLLIN)
        self._poll.register(wake.fileno(), POLLIN)

    def start_clock(self) -> None:
        """The guest begins: the processor's time that this process has used is none of its own."""
        self._spent = time.process_time_ns()

    # --- between turns ---------------------------------------------------------------------

    def await_request(self, rest: Callable[[], object] | None = None) -> bytes:
        """Wait for the next request, or for an order of the host's: the order, or nothing if there
        is something to read.

        Args:
            rest: is called once nobody has wanted anything for a while.
        """
        while True:
            ready = self._poll.poll(None if rest is None else _A_WHILE)
            if not ready and rest is not None:
                rest()
                ready = self._poll.poll(None)
            if not self._take_wake([descriptor for descriptor, _ in ready]):
                return b""
            order, self._order = self._order, b""
            if order:
                return order

    def _await_host(self) -> bool:
        """Wait without end; False if the wait was ended by :meth:`wake`."""
        return not self._take_wake([descriptor for descriptor, _ in self._poll.poll(None)])

    def _take_wake(self, ready: list[int]) -> bool:
        if self._wake.fileno() not in ready:
            return False
        # In this order: what wakes meanwhile is one with what ends this wait, and whoever waited
        # looks for the reason afterwards. The other way round, it would be read and still be
        # awaited.
        self._wake.read(len(_ONE))
        self._woken = False
        return True

    def give_order(self, order: bytes) -> None:
        """What to do between two turns; from any thread. One at a time."""
        self._order = order
        self.wake()

    def wake(self) -> None:
        """End the wait that is going on, or the next one of the turn; from any thread."""
        if not self._woken:
            self._woken = True
            self._waker.write(_ONE)

    def forget_wake(self) -> None:
        """Let no wait of the next turn end by what was meant for the one before."""
        if self._woken and not self._order:
            self._woken = False
            self._wake.read(len(_ONE))

    def state(self) -> tuple[int, int]:
        """What a twin of the guest goes on from, beside its memory: two numbers from 0 to 2⁶⁴."""
        return 0, 0

    def go_on_from(self, state: tuple[int, int]) -> None:
        """The opposite."""

    # --- what the module calls -------------------------------------------------------------

    def send(self, data: memoryview) -> int:
        return self._channel.write(data)

    def receive(self, buffer: memoryview) -> int:
        return self._channel.read_into(buffer)

    def wait(self, nanoseconds: int, channel: bool) -> int:
        if channel and nanoseconds < 0:
            return 1 if self._await_host() else INTERRUPTED
        watched = [self._wake.fileno()]
        if channel:
            watched.append(self._channel.fileno())
        timeout = None if nanoseconds < 0 else min(nanoseconds / _NANO, _LONG)
        ready, _, _ = select.select(watched, (), (), timeout)
        return INTERRUPTED if self._take_wake(ready) else int(bool(ready))

    def clock(self, which: int) -> int:
        if which < len(_CLOCKS):
            return _CLOCKS[which]()
        return time.process_time_ns() - self._spent

    def entropy(self, buffer: memoryview) -> None:
        buffer[:] = os.urandom(len(buffer))

    def log(self, text: bytes) -> None:
        pass  # what C code prints that knows of no turn is nobody's
