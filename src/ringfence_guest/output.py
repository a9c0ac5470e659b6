"""stdout, stderr and stdin of guest code."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

from ringfence_guest.link import Link
from ringfence_guest.threads import start_at_once

__all__ = ["GivenInput", "HostInput", "OutputStream", "make_text_stream"]

_BURST = 64
_PERIOD = 0.02
_FULL = 8_192
_MAX_FRAME = 65_536


class OutputStream(io.RawIOBase):
    """Sends what is written as ``output`` frames: live, but not one frame for every short line.

    It is written to without a buffer in between, so what is not sent yet is in one place.

    Each frame is charged at least 512 bytes to the ``output`` limit, so a program that prints many
    short lines must not pay for a frame a line. The first lines leave at once; after a burst they
    are gathered for 20 ms, and a thread sends what is left when the program goes on to compute.
    """

    def __init__(self, link: Link, name: str, *, threads: bool) -> None:
        super().__init__()
        self._link = link
        self._name = name
        self.name = f"<{name}>"  # as programs know it
        self._buffer = bytearray()
        self._tokens = float(_BURST)
        self._last = 0.0
        self.threads = threads
        self._flusher: threading.Thread | None = None
        self._dirty = threading.Event()
        self._lock = threading.RLock()
        self._leaving = 0  # sends that are under way: what they took is not in the buffer any more

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        interrupts = self._link.interrupts
        interrupts.hold()  # one that came now could leave a lock of the flusher's held for ever
        try:
            with self._lock:
                self._buffer += data
                if len(self._buffer) >= _FULL or (self._buffer[-1:] == b"\n" and self._may_send()):
                    self.send()
                elif self._buffer[-1:] == b"\n":
                    self._gather()
        finally:
            interrupts.release()
        return len(data)

    def _may_send(self) -> bool:
        now = time.monotonic()
        self._tokens = min(float(_BURST), self._tokens + (now - self._last) / _PERIOD)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def flush(self) -> None:
        """Send what was printed, also without the end of its line; a burst of it is gathered."""
        interrupts = self._link.interrupts
        interrupts.hold()
        try:
            with self._lock:
                if self._buffer:
                    if self._may_send():
                        self.send()
                    else:
                        self._gather()
        finally:
            interrupts.release()

    def _gather(self) -> None:
        if not self.threads:
            return
        if self._flusher is None or not self._flusher.is_alive():
            flusher = threading.Thread(target=self._flush_later, name="output", daemon=True)
            try:
                start_at_once(flusher)
            except RuntimeError:  # the guest has used all its threads: lines wait for the next one
                return
            if self._flusher is None:
                self._link.helpers += 1
            self._flusher = flusher
        self._dirty.set()

    def _flush_later(self) -> None:
        while True:
            self._dirty.wait()
            time.sleep(_PERIOD)
            self._dirty.clear()
            with self._lock:
                self.send()

    def send(self) -> None:
        """Send what was gathered, if a turn is open to carry it."""
        if not self._buffer and not self._leaving:
            return
        with self._lock:
            self._leaving += 1
            try:
                self._send_parts()
            finally:
                self._leaving -= 1

    def _send_parts(self) -> None:
        while self._buffer:
            part = bytes(self._buffer[:_MAX_FRAME])
            del self._buffer[:_MAX_FRAME]
            header = {"type": "output", "stream": self._name}
            if not self._link.offer(header, b"", [part], len(part)):
                self._buffer[:] = part  # what does not fit into one frame is lost
                return
            if self._link.interrupts.arrived:  # it ends the turn, and must not wait for a flood
                del self._buffer[_MAX_FRAME:]


def make_text_stream(raw: io.RawIOBase) -> io.TextIOWrapper:
    """A text stream over ``raw`` that hands on everything at once."""
    return io.TextIOWrapper(
        raw,  # type: ignore[arg-type]
        encoding="utf-8",
        errors="backslashreplace",
        write_through=True,
    )


class GivenInput(io.BytesIO):
    """The bytes of a ``stdin`` that is given with a run."""

    name = "<stdin>"


class HostInput(io.TextIOBase):
    """``stdin`` that asks the host for each line."""

    name = "<stdin>"

    def __init__(self, ask: Callable[[], str]) -> None:
        super().__init__()
        self._ask = ask

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        return self._ask()

    def read(self, size: int | None = -1, /) -> str:
        lines = []
        while line := self._ask():
            lines.append(line)
        return "".join(lines)
