"""The guest's side of the conversation: frames out, answers in.

One thread at a time reads the channel and hands each answer to whoever waits for it, so that calls
of the main thread, of other threads and of coroutines may be open together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NoReturn

from ringfence_guest.channel import GuestChannel
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers

__all__ = ["HostFunctionError", "Link", "Slot"]

_FAR = 1 << 40


class HostFunctionError(Exception):
    """A host function failed. Carries the function's name, or the message it chose to show."""


class Slot:
    """Where the answer to one call will be put."""

    __slots__ = ("frame", "notify")

    def __init__(self, notify: Callable[[], None] | None = None) -> None:
        self.frame: Frame | None = None
        self.notify = notify


class Link:
    """Frames over a channel.

    Args:
        channel: the byte channel.
        interrupts: held while frames move.
        leave: called when the host is gone; must not return.
    """

    def __init__(
        self, channel: GuestChannel, interrupts: Interrupts, leave: Callable[[], NoReturn]
    ) -> None:
        self.channel = channel
        self.interrupts = interrupts
        self.value_limit = 1 << 26
        self.turn_open = False
        self.replace: codec.Replace | None = None
        self.streams: dict[int, Callable[[Frame], None]] = {}
        self.before_wait: Callable[[], None] = lambda: None
        self._leave = leave
        self._reader = FrameReader(_FAR)
        self._queued: list[Any] = []
        self._slots: dict[int, Slot] = {}
        self._next_id = 0
        self._declared = False
        self._requests: list[Frame] = []
        self._writing = threading.RLock()
        self._reading = threading.Lock()

    # --- out -------------------------------------------------------------------------------

    def queue(self, header: dict[str, Any]) -> None:
        """Send with the next frame, not before."""
        self._queued += frame_buffers(header)

    def send(
        self,
        header: dict[str, Any],
        body: bytes = b"",
        blob: list[Any] | None = None,
        blob_size: int = 0,
    ) -> None:
        """Send one frame, whole."""
        self.interrupts.held += 1
        try:
            with self._writing:
                buffers = frame_buffers(header, body, blob, blob_size)
                if self._queued:
                    buffers = self._queued + buffers
                    self._queued = []
                self._write(buffers)
        finally:
            self.interrupts.release()

    def _write(self, buffers: list[Any]) -> None:
        pending = [b"".join(buffers)] if sum(map(len, buffers)) <= 65_536 else list(buffers)
        try:
            while pending:
                sent = self.channel.send(pending[:64])
                while pending and sent >= len(pending[0]):
                    sent -= len(pending[0])
                    del pending[0]
                if sent:
                    pending[0] = memoryview(pending[0])[sent:]
        except OSError:
            self._leave()

    # --- in --------------------------------------------------------------------------------

    def next_request(self) -> Frame:
        """Wait for the next request; only the main thread, between turns."""
        with self._reading:
            while not self._requests:
                self._receive()
        return self._requests.pop(0)

    def _receive(self) -> None:
        """Read once and hand out what came. The reading lock is held."""
        self.interrupts.held += 1
        try:
            size = self.channel.receive(self._reader.buffer())
            if size == 0:
                self._leave()
            for frame in self._reader.received(size):
                self._hand_out(frame)
        except OSError:
            self._leave()
        finally:
            self.interrupts.release()

    def _hand_out(self, frame: Frame) -> None:
        kind = frame.header["type"]
        if kind == "reply":
            self._declared = False
            slot = self._slots.pop(frame.header["id"], None)
            if slot is not None:
                slot.frame = frame
                if slot.notify is not None:
                    slot.notify()
        elif kind in ("data", "credit"):
            self._declared = False
            handler = self.streams.get(frame.header["stream"])
            if handler is not None:
                handler(frame)
        else:
            self._requests.append(frame)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Move frames until ``ready()``; any thread."""
        while not ready():
            with self._reading:
                if not ready():
                    self.channel.wait(None)
                    self._receive()

    def poll(self, timeout: float | None) -> bool:
        """Wait at most ``timeout`` seconds, and move frames once if some came. For event loops."""
        with self._reading:
            if not self.channel.wait(timeout):
                return False
            self._receive()
        return True

    def take(self) -> None:
        """Move frames that have arrived. For event loops that have polled themselves."""
        with self._reading:
            if self.channel.wait(0):
                self._receive()

    # --- calls -----------------------------------------------------------------------------

    def declare_waiting(self) -> None:
        """Tell the host that nothing runs here until it answers; the wall clock rests."""
        if self._slots and not self._declared:
            self._declared = True
            self.send({"type": "waiting"})

    def open_call(
        self, name: str, args: list[Any], kwargs: dict[str, Any], slot: Slot, *, waits: bool
    ) -> None:
        """Send a call; its answer will be in ``slot``.

        Raises:
            RuntimeError: no turn is open, so nobody would answer.
            ValueError: the arguments cannot cross.
        """
        packed = codec.encode([args, kwargs or None], limit=self.value_limit, replace=self.replace)
        with self._writing:
            if not self.turn_open:
                raise RuntimeError(f"{name}() was called while no turn is running")
            self.before_wait()
            number = self._next_id
            self._next_id += 1
            self._slots[number] = slot
            if waits:
                self._declared = True
            header = {"type": "call", "id": number, "name": name, "waits": waits}
            self.send(header, packed.body, packed.blob, packed.blob_size)

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a host function and wait for its answer."""
        slot = Slot()
        alone = threading.active_count() == 1
        self.open_call(name, args, kwargs, slot, waits=alone)
        self.wait_until(lambda: slot.frame is not None)
        return self.result(name, slot)

    def result(self, name: str, slot: Slot) -> Any:
        """The value of an answered call.

        Raises:
            HostFunctionError: the function failed.
            TypeError: the arguments did not match its annotations.
        """
        frame = slot.frame
        if frame is None or frame.header["type"] != "reply":
            raise RuntimeError(f"{name}() was abandoned: its turn has ended")
        value = codec.decode(frame.body, frame.blob, limit=_FAR)
        if frame.header["ok"]:
            return value
        kind, message = value
        if kind == "TypeError":
            raise TypeError(message)
        raise HostFunctionError(message)

    def end_turn(self) -> None:
        """Forget what was open: its answers will not come."""
        with self._writing:
            self.turn_open = False
            self._declared = False
            slots, self._slots = self._slots, {}
            self.streams.clear()
        for slot in slots.values():
            slot.frame = Frame({"type": "abandoned"}, b"", b"")
            if slot.notify is not None:
                slot.notify()
