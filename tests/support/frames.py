"""What a guest says, as bytes: for scripts and for tests of the turn."""

from __future__ import annotations

from typing import Any

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers

__all__ = [
    "call",
    "credit",
    "data",
    "display",
    "done",
    "file",
    "frame",
    "frames_of",
    "heard",
    "output",
    "progress",
    "ready",
    "stored",
    "waiting",
]

FAR = 1 << 40


def frame(header: dict[str, Any], body: bytes = b"", blob: bytes = b"") -> bytes:
    return b"".join(map(bytes, frame_buffers(header, body, [blob], len(blob))))


def _with_value(header: dict[str, Any], value: Any) -> bytes:
    packed = codec.encode(value, limit=FAR)
    return frame(header, packed.body, b"".join(map(bytes, packed.blob)))


def ready() -> bytes:
    return frame({"type": "ready", "protocol": 1, "python": "3.14.0"})


def output(content: bytes | str, stream: str = "stdout") -> bytes:
    blob = content.encode() if isinstance(content, str) else content
    return frame({"type": "output", "stream": stream}, b"", blob)


def display(bundle: Any) -> bytes:
    return _with_value({"type": "display"}, bundle)


def progress(fraction: float | None, message: str = "") -> bytes:
    return frame({"type": "progress", "fraction": fraction, "message": message})


def call(
    number: int, name: str, args: Any = (), kwargs: Any = None, *, waits: bool = False
) -> bytes:
    content = [list(args) if isinstance(args, tuple) else args, kwargs]
    return _with_value({"type": "call", "id": number, "name": name, "waits": waits}, content)


def waiting(seen: int) -> bytes:
    return frame({"type": "waiting", "seen": seen})


def credit(stream: int, size: int, *, waits: bool = False) -> bytes:
    return frame({"type": "credit", "stream": stream, "size": size, "waits": waits})


def data(stream: int, content: bytes, *, eof: bool = False, waits: bool = False) -> bytes:
    header = {"type": "data", "stream": stream, "eof": eof, "waits": waits}
    return frame(header, b"", content)


def file(number: int, value: Any, *, ok: bool = True) -> bytes:
    return _with_value({"type": "file", "id": number, "ok": ok}, value)


def done(
    value: Any = None, turn: int = 1, *, status: str = "ok", limit: str | None = None
) -> bytes:
    return _with_value({"type": "done", "turn": turn, "status": status, "limit": limit}, value)


def frames_of(stream: bytes) -> list[Frame]:
    """The frames in what the host wrote."""
    reader = FrameReader(FAR)
    frames: list[Frame] = []
    view = memoryview(stream)
    while len(view):
        buffer = reader.buffer()
        size = min(len(buffer), len(view))
        buffer[:size] = view[:size]
        view = view[size:]
        frames += reader.received(size)
    assert reader.pending == 0
    return frames


def stored(body: bytes = b"null", size: int = 0, turn: int = 1) -> bytes:
    return frame({"type": "stored", "turn": turn, "size": size}, body)


def heard(reply: Frame) -> list[Any]:
    """What a guest makes of the host's answer to its call."""
    value = codec.decode(reply.body, reply.blob, limit=FAR)
    return [reply.header["type"], reply.header["ok"], value]
