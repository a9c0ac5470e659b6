"""A guest of the WebAssembly image in this process: its module, and a socket that it talks over.

Nothing confines it but the module itself, which is what these tests look at.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from typing import Any

from ringfence.images.wasi.build import CODE, find_image
from ringfence.wasm.engine import Engine, Module, load_module, make_engine
from ringfence.wasm.host import INTERRUPTED
from ringfence.wasm.instance import Instance
from ringfence.wasm.stack import with_room
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import Frame, FrameReader, frame_buffers

__all__ = ["WasmGuest"]

_FAR = 1 << 30
_MEMORY = 64 << 20
_DISK = 8 << 20
_FILES = 200

_loaded: tuple[Engine, Module] | None = None


def _load() -> tuple[Engine, Module]:
    global _loaded
    if _loaded is None:
        engine = make_engine()
        _loaded = engine, load_module(engine, find_image() / CODE)
    return _loaded


class WasmGuest:
    """Starts a guest; its host is the caller.

    Args:
        memory: bytes that it may have beyond its image.
        started: whether it is to be a guest of its own.
    """

    def __init__(self, memory: int = _MEMORY, *, started: bool = True) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._stop, self._stopped = os.pipe()
        self._reader = FrameReader(_FAR)
        self._turn = 0
        self.printed = b""
        engine, module = _load()
        self.instance = Instance(engine, module, self)
        with_room(self.instance.find_flags)
        self.instance.limit(self.instance.size + memory)
        if started:
            assert self._call("start", _DISK, _FILES) == 0

    def _call(self, name: str, *arguments: int) -> int:
        return with_room(self.instance.call, name, *arguments)

    # --- what the module calls -------------------------------------------------------------

    def send(self, data: memoryview) -> int:
        return self._theirs.send(data)

    def receive(self, buffer: memoryview) -> int:
        return self._theirs.recv_into(buffer)

    def wait(self, nanoseconds: int, channel: bool) -> int:
        watched = [self._stop, *([self._theirs.fileno()] if channel else [])]
        timeout = None if nanoseconds < 0 else nanoseconds / 1e9
        ready = select.select(watched, [], [], timeout)[0]
        if self._stop in ready:
            os.read(self._stop, 1)
            return INTERRUPTED
        return int(bool(ready))

    def clock(self, which: int) -> int:
        return (time.time_ns, time.monotonic_ns, time.process_time_ns)[which]()

    def entropy(self, buffer: memoryview) -> None:
        buffer[:] = os.urandom(len(buffer))

    def log(self, text: bytes) -> None:
        self.printed += text

    # --- what a test calls -----------------------------------------------------------------

    def interrupt(self) -> None:
        """As a deadline does: whatever the guest is in."""
        self.instance.interrupt()
        os.write(self._stopped, b"x")

    def ask(self, kind: str, value: Any, **header: Any) -> list[Frame]:
        """One request, and every frame of its turn."""
        self._turn += 1
        packed = codec.encode(value, limit=_FAR)
        whole = {"type": kind, "turn": self._turn, **header}
        request = frame_buffers(whole, packed.body, packed.blob, packed.blob_size)
        frames: list[Frame] = []
        listener = threading.Thread(target=self._listen, args=(frames,))
        listener.start()
        try:
            self._ours.sendall(b"".join(request))
            waiting = self._call("turn")
        except BaseException:
            self._theirs.shutdown(socket.SHUT_WR)
            raise
        finally:
            listener.join()
        assert waiting == 0
        return frames

    def _listen(self, frames: list[Frame]) -> None:
        while not frames or frames[-1].header["type"] != "done":
            buffer = self._reader.buffer()
            size = self._ours.recv_into(buffer)
            if not size:
                return
            frames += self._reader.received(size)

    def run(self, source: str) -> tuple[str, Any]:
        """(status, value) of a cell; of one that failed, ``[type, message, traceback]``."""
        done = self.ask("run", [source, None, None, None])[-1]
        return done.header["status"], codec.decode(done.body, done.blob, limit=_FAR)

    def value(self, source: str) -> Any:
        """The value of a cell that must succeed."""
        status, value = self.run(source)
        assert status == "ok", value
        return value

    def close(self) -> None:
        """Give everything back."""
        self.instance.close()
        self._ours.close()
        self._theirs.close()
        os.close(self._stop)
        os.close(self._stopped)
