"""A guest of the wasi engine, as the host holds it: its worker, and its control socket."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Literal, NoReturn

from ringfence._engines.wasi.control import (
    EXHAUSTED,
    FREEZE,
    INTERRUPT,
    LENGTH,
    MOST_BYTES,
    READY,
    REFUSED,
    TRAPPED,
    Control,
    hear,
)
from ringfence._engines.wasi.meter import WorkerMeter
from ringfence.engine import Exit
from ringfence.errors import EngineFailure, StateRefused
from ringfence.zygote.guest import ProcessGuest
from ringfence.zygote.source import GuestSource
from ringfence_guest.readiness import POLLIN, POLLOUT, await_one

__all__ = ["WasiGuest"]

_PATIENCE = 20.0
_IMAGE = 128 << 20  # more than the image has, and what describes its pages


class WasiGuest(ProcessGuest):
    """One worker process.

    Args:
        zygote: what started it.
        number: the number of the spawn request.
        end: the host's end of the channel.
        control: the host's end of the control socket, which does not block.
        memory: bytes that the guest may have beyond its image.
        meter: of its fuel, where that is counted.
    """

    def __init__(
        self,
        zygote: GuestSource,
        number: int,
        end: socket.socket,
        control: Control,
        memory: int,
        meter: WorkerMeter | None = None,
    ) -> None:
        self._meter = meter
        self._most = memory + _IMAGE
        self._control = control
        super().__init__(zygote, number, end)

    @property
    def meter(self) -> WorkerMeter | None:
        return self._meter

    distance = 0.0

    @property
    def shares_memory(self) -> bool:
        return False

    def await_begun(self) -> None:
        """Wait until its process is warm, if it was started for it alone: no turn's time is spent
        on that.

        Raises:
            EngineFailure: it never was.
        """
        if self._zygote.config.alone:
            self.host_pid()

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        if how == "kill":
            super().stop(how)
            return
        # A guest that is gone needs no interrupt, and one that has not read the last has it coming.
        with contextlib.suppress(OSError):
            self._control.send(INTERRUPT)

    def exit(self, timeout: float) -> Exit | None:
        ended = super().exit(timeout)
        if ended is None:
            return None
        said = self._last_words()
        if said.startswith(TRAPPED):
            reason = f"the guest's code trapped: {_text(said)}"
            return Exit("Trap", reason, None, ended.cpu, ended.memory)
        if said == EXHAUSTED:
            reason = "the guest had no memory left to go on with"
            return Exit("Memory", reason, "memory", ended.cpu, ended.memory)
        if self._meter is not None and self._meter.exhausted:
            self._meter.end()
            reason = "the guest had no fuel left to go on with"
            return Exit("Fuel", reason, "fuel", ended.cpu, ended.memory)
        return ended

    def _last_words(self) -> bytes:
        """Why the worker says that it ended, if it said so."""
        said = hear(self._control)
        if self._meter is not None and self._meter.take(said):  # that was what the turn used
            said = hear(self._control)
            self._meter.take(said)
        return said

    # --- its memory ------------------------------------------------------------------------

    def freeze(self) -> bytes:
        until = time.monotonic() + _PATIENCE
        self._order(FREEZE)
        (size,) = LENGTH.unpack(self._receive(LENGTH.size, until))
        if size > self._most:
            raise EngineFailure(f"the guest's worker sends {size:,} bytes, more than it may have")
        return bytes(self._receive(size, until))

    def thaw(self, memory: bytes) -> None:
        """Become the guest whose memory this is: one that was forked for that.

        Raises:
            StateRefused: it is damaged, or is more than the limits allow.
            EngineFailure: the worker has ended, or does not answer.
        """
        until = time.monotonic() + _PATIENCE
        self._await_ready(until)
        left = memoryview(LENGTH.pack(len(memory)) + memory)
        while left:
            self._await(self.channel.fileno(), POLLOUT, until)
            try:
                left = left[self.channel.send([left]) :]
            except BlockingIOError:
                pass  # there is room, but not for what was sent
            except OSError:
                break  # it has refused and ended, which the next line tells
        self._await_ready(until)

    def _order(self, order: bytes) -> None:
        try:
            self._control.send(order)
        except OSError:
            self._report_end()

    def _await_ready(self, until: float) -> None:
        said = None
        while said is None:
            self._await(self._control.fileno(), POLLIN, until)
            with contextlib.suppress(BlockingIOError):  # not all of a message is there
                said = self._control.recv(MOST_BYTES)
        if said.startswith(REFUSED):
            raise StateRefused("malformed", f"the guest's memory is refused: {_text(said)}")
        if said != READY:
            self._report_end()

    def _receive(self, size: int, until: float) -> bytearray:
        buffer = bytearray(size)
        left = memoryview(buffer)
        while left:
            self._await(self.channel.fileno(), POLLIN, until)
            try:
                got = self.channel.receive(left)
            except OSError:
                got = 0
            if not got:
                self._report_end()
            left = left[got:]
        return buffer

    def _await(self, descriptor: int, event: int, until: float) -> None:
        """Wait for one step; all of them together must be done by ``until``."""
        if not await_one(descriptor, event, until - time.monotonic()):
            self.stop("kill")
            raise EngineFailure(
                f"the guest's worker did not answer within {_PATIENCE:g} s; it was ended"
            )

    def _report_end(self) -> NoReturn:
        """Raise for a worker that has ended; if it never lived, with the reason for that."""
        super().exit(_PATIENCE)
        raise EngineFailure("the guest's worker has ended")

    def close(self) -> None:
        super().close()
        self._control.close()

    def drop_after_fork(self) -> None:
        super().drop_after_fork()
        self._control.close()


def _text(said: bytes) -> str:
    """What comes behind the first byte of a message: one line, printable."""
    text = said[1:].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
