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
from ringfence_guest.protocol.framing import Frame, frame_behind, frame_buffers
from ringfence_guest.protocol.lost_frames import SparingReader
from ringfence_guest.protocol.messages import PLAIN_END
from ringfence_guest.protocol.request_headers import RequestHeaders

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
        self.answer_file: Callable[[Frame, int], tuple[bool, codec.Packed]]
        self.helpers = 0  # threads that are not the program's
        self.muted = False  # nothing leaves: nobody asked for this turn
        self._leave = leave
        self._reader = SparingReader(_FAR)
        self._queued: list[Any] = []
        self._slots: dict[int, Slot] = {}
        self._turn = 0
        self._early: list[Frame] = []  # questions about files in a turn that has not begun here
        self._next_id = 0
        self._seen = 0
        self._declared = -1
        self._requests: list[Frame] = []
        self._headers = RequestHeaders()
        self._latest: dict[str, Any] = {}
        self._foreseen: tuple[bytes, dict[str, Any]] | None = None
        self._writing = threading.RLock()
        self._reading = threading.Lock()
        self._sleepers: list[threading.Lock] = []  # held until there is news

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
        """Send one frame of the open turn, whole.

        Raises:
            RuntimeError: no turn is open, so nobody would read it.
        """
        if not self.offer(header, body, blob, blob_size):
            raise RuntimeError(f"{header['type']}: no turn is running that could carry it")

    def offer(
        self,
        header: dict[str, Any],
        body: bytes = b"",
        blob: list[Any] | None = None,
        blob_size: int = 0,
    ) -> bool:
        """Send one frame, whole, if a turn is open to carry it."""
        self.interrupts.hold()
        try:
            with self._writing:
                if not self.turn_open:
                    return False
                self._write(frame_buffers(header, body, blob, blob_size))
                return True
        finally:
            self.interrupts.release()

    def begin_turn(self, number: int) -> None:
        """Let frames leave."""
        with self._writing:
            self._turn = number
            self.turn_open = True
            self._seen = 0
            self._declared = -1
            if self._early:
                early, self._early = self._early, []
                for frame in early:
                    self._serve_file(frame)

    def end_turn(
        self,
        number: int,
        status: str,
        limit: str | None,
        packed: codec.Packed,
        *,
        stored: bool = False,
    ) -> None:
        """Send the last frame of the turn, and forget what is open: its answers will not come.

        Where it is ``stored``, the blob lies in memory that the host has lent for it.
        """
        body, blob, size = packed
        if stored:
            buffers = frame_buffers({"type": "stored", "turn": number, "size": size}, body)
        elif status == "ok":
            buffers = frame_behind(PLAIN_END % number, body, blob, size)
        else:
            header = {"type": "done", "turn": number, "status": status, "limit": limit}
            buffers = frame_buffers(header, body, blob, size)
        self.interrupts.hold()
        try:
            with self._writing:
                self.turn_open = False
                slots, self._slots = self._slots, {}
                # Before the host can know: whoever waits for these must not wait for what it
                # sends next.
                for slot in slots.values():
                    slot.frame = Frame({"type": "abandoned"}, b"", b"")
                self.streams.clear()
                self._write(buffers)
        finally:
            self.interrupts.release()
        for slot in slots.values():
            if slot.notify is not None:
                slot.notify()
        if self._sleepers:
            self._wake_sleepers()

    def _write(self, buffers: list[Any]) -> None:
        if self.muted:
            return
        if self._queued:
            buffers = self._queued + buffers
            self._queued = []
        if len(buffers) == 1:
            pending = buffers
        else:
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

    @property
    def waiting(self) -> int:
        """How many requests have been read and not begun."""
        return len(self._requests)

    def next_request(self) -> Frame:
        """Wait for the next request; only the main thread, between turns."""
        self.interrupts.hold()
        try:
            while not self._requests:
                if self._reading.acquire(blocking=False):
                    try:
                        if not self._requests:
                            self._foresee()
                            self._receive()
                    finally:
                        self._stop_reading()
                else:
                    self._sleep(lambda: bool(self._requests))
        finally:
            self.interrupts.release()
        request = self._requests.pop(0)
        self._latest = request.header
        return request

    def _foresee(self) -> None:
        """Write down what comes if the last request comes again, while nobody waits for it."""
        self._foreseen = None
        fields = dict(self._latest)
        turn = fields.pop("turn", None)
        if turn is not None:
            header = self._headers.write(fields, turn + 1)
            self._foreseen = header, {**fields, "turn": turn + 1}

    def _stop_reading(self) -> None:
        self._reading.release()
        if self._sleepers:
            self._wake_sleepers()

    def _wake_sleepers(self) -> None:
        # No Condition: an interrupt at the wrong moment would leave its lock held for ever.
        try:
            while True:
                self._sleepers.pop().release()
        except IndexError:  # all of them
            pass

    def _sleep(self, ready: Callable[[], bool]) -> None:
        """Another thread reads: sleep until it has handed out something, or reads no longer."""
        sleeper = threading.Lock()
        sleeper.acquire()
        self._sleepers.append(sleeper)
        if not ready() and self._reading.locked():
            self._interruptibly(sleeper.acquire)

    def _interruptibly(self, wait: Callable[[], object]) -> None:
        """Wait in the middle of a critical section."""
        interrupts = self.interrupts
        again = interrupts.is_mine()
        try:
            interrupts.release()
            wait()
        finally:
            interrupts.held += again  # not by a call, which could be interrupted

    def _receive(self) -> None:
        """Read once and hand out what came. The reading lock is held, and so are interrupts."""
        try:
            size = self.channel.receive(self._reader.buffer())
            if size == 0:
                self._leave()
            if self._foreseen is not None:
                (header, fields), self._foreseen = self._foreseen, None
                body = self._reader.take_whole(size, header)
                if body is not None:
                    self._requests.append(Frame(fields, body, b""))
                    return
            for frame in self._reader.received(size):
                self._hand_out(frame)
        except OSError:
            self._leave()

    def _hand_out(self, frame: Frame) -> None:
        kind = frame.header["type"]
        if kind == "reply":
            slot = self._slots.pop(frame.header["id"], None)
            self._seen += 1  # afterwards: see declare_waiting
            if slot is not None:
                slot.frame = frame
                if slot.notify is not None:
                    slot.notify()
        elif kind in ("data", "credit"):
            handler = self.streams.get(frame.header["stream"])
            if handler is not None:
                handler(frame)
            self._seen += 1
        elif kind == "file":
            self._serve_file(frame)
        else:
            self._requests.append(frame)

    def _serve_file(self, frame: Frame) -> None:
        """Answer a question about a file, on whichever thread reads. It is none of the answers that
        the program waits for, so it is not counted as seen.
        """
        turn = frame.header["turn"]
        with self._writing:  # so that what was done is told before the turn can end
            if turn > self._turn:
                self._early.append(frame)
            elif turn == self._turn and self.turn_open:
                self.tell_file(frame.header["id"], frame)
            # else it came too late, and the host knows that it was not done

    def tell_file(self, number: int, frame: Frame) -> None:
        """Do what a question about a file asks, and answer it."""
        ok, packed = self.answer_file(frame, self.value_limit)
        header = {"type": "file", "id": number, "ok": ok}
        self.interrupts.hold()
        try:
            with self._writing:
                self._write(frame_buffers(header, packed.body, packed.blob, packed.blob_size))
        finally:
            self.interrupts.release()

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Move frames until ``ready()``; any thread."""
        self.interrupts.hold()  # or one could leave the lock of reading held for ever
        try:
            while not ready():
                if self._reading.acquire(blocking=False):
                    try:
                        if not ready():
                            self._interruptibly(self._wait_for_host)
                            self._receive()
                    finally:
                        self._stop_reading()
                else:
                    self._sleep(ready)
        finally:
            self.interrupts.release()

    def _wait_for_host(self) -> None:
        self.channel.wait(None)

    def poll(self, timeout: float | None) -> bool:
        """Wait at most ``timeout`` seconds, and move frames once if some came. For event loops."""
        try:
            with self._reading:
                moved = self.channel.wait(timeout)
                if moved:
                    self.interrupts.hold()
                    try:
                        self._receive()
                    finally:
                        self.interrupts.release()
        finally:
            if self._sleepers:
                self._wake_sleepers()
        return moved

    def take(self) -> None:
        """Move frames that have arrived, unless another thread does. For event loops that have
        polled themselves.
        """
        self.interrupts.hold()
        try:
            if self._reading.acquire(blocking=False):
                try:
                    if self.channel.wait(0):
                        self._receive()
                finally:
                    self._stop_reading()
        finally:
            self.interrupts.release()

    # --- calls -----------------------------------------------------------------------------

    def declare_waiting(self, owed: Callable[[], object] | None = None) -> None:
        """Tell the host that nothing runs here until it answers; the wall clock rests. Says so at
        most once after each answer, and only if the host owes one: a call is open, or ``owed()``.

        Another thread may take an answer in meanwhile. It counts the answer when it has handed it
        out, and here the count is read first: whatever is still owed then, is owed beyond it.
        """
        seen = self._seen
        if self._declared < seen and (owed() if owed is not None else self._slots):
            with self._writing:
                if self.turn_open and self._declared < seen <= self._seen:  # of this turn
                    self._declared = seen
                    self.send({"type": "waiting", "seen": seen})

    def open_call(
        self, name: str, args: list[Any], kwargs: dict[str, Any], slot: Slot, *, waits: bool
    ) -> int:
        """Send a call; its answer will be in ``slot``. Returns its number.

        Raises:
            RuntimeError: no turn is open, so nobody would answer.
            ValueError: the arguments cannot cross.
        """
        packed = codec.encode([args, kwargs or None], limit=self.value_limit, replace=self.replace)
        self.before_wait()
        with self._writing:
            if not self.turn_open:
                raise RuntimeError(f"{name}() was called while no turn is running")
            number = self._next_id
            self._next_id += 1
            self._slots[number] = slot
            if waits:
                self._declared = self._seen
            header = {"type": "call", "id": number, "name": name, "waits": waits}
            self.send(header, packed.body, packed.blob, packed.blob_size)
        return number

    def forget(self, number: int) -> None:
        """Nobody waits for the answer to this call any more."""
        self._slots.pop(number, None)

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a host function and wait for its answer."""
        slot = Slot()
        alone = threading.active_count() == 1 + self.helpers
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
