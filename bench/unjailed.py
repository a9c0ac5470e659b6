"""A plain worker process, what one would write without Ringfence: JSON lines over a socket pair.

The same file is both sides: imported, it offers :class:`Unjailed`; executed as a script, it is the
worker. It isolates nothing. It is the floor: what this machine and the interpreter take for a round
trip, for a computation, for 64 MB moved.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

__all__ = ["Unjailed"]

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # as in a guest
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_BUFFER = 1 << 20


class Unjailed:
    """The worker, as the host holds it; in a ``with`` block."""

    def __init__(self) -> None:
        here, there = socket.socketpair()
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-I", __file__],
                stdin=there.fileno(),
                env={**os.environ, **_ENVIRONMENT},
            )
        self._socket = here

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()
        self._process.wait()

    @property
    def pid(self) -> int:
        """Of the worker."""
        return self._process.pid

    def define(self, source: str) -> None:
        """Execute ``source``; what it defines stays."""
        self._ask({"define": source})

    def call(self, name: str, *args: Any) -> Any:
        """Call a function it has defined."""
        return self._ask({"call": name, "args": args})

    def send(self, data: memoryview) -> None:
        """Move bytes there, into a buffer that it kept."""
        self._ask({"take": len(data)})
        self._socket.sendall(data)
        self._line()

    def fetch(self, into: memoryview) -> None:
        """Move bytes here, out of a buffer that it kept."""
        self._socket.sendall(json.dumps({"give": len(into)}).encode() + b"\n")
        _fill(self._socket, into)

    def _ask(self, message: dict[str, Any]) -> Any:
        self._socket.sendall(json.dumps(message).encode() + b"\n")
        return json.loads(self._line())

    def _line(self) -> bytes:
        return _read_line(self._socket)


def _read_line(end: socket.socket) -> bytes:
    """A line; neither side sends more before it is answered."""
    data = end.recv(_BUFFER)
    while data and not data.endswith(b"\n"):
        data += end.recv(_BUFFER)
    return data


def _fill(end: socket.socket, into: memoryview) -> None:
    done = 0
    while done < len(into):
        size = end.recv_into(into[done:])
        if not size:
            raise EOFError("the other side is gone")
        done += size


def _serve() -> None:
    """The worker: ends when the host closes its end."""
    end = socket.socket(fileno=0)
    scope: dict[str, Any] = {}
    kept = bytearray()
    while line := _read_line(end):
        message = json.loads(line)
        answer: Any = None
        if "define" in message:
            exec(message["define"], scope)  # noqa: S102  the bench's own source
        elif "call" in message:
            answer = scope[message["call"]](*message["args"])
        elif len(kept) != message.get("take", message.get("give")):
            kept = bytearray(message.get("take") or message["give"])
        if "give" in message:
            end.sendall(kept)
            continue
        end.sendall(json.dumps(answer).encode() + b"\n")
        if "take" in message:
            _fill(end, memoryview(kept))
            end.sendall(b"null\n")


if __name__ == "__main__":
    _serve()
