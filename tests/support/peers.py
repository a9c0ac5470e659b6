"""The fourth test guest: a script that says whatever a test wants, honest or not.

The script runs on a thread and holds the guest's end of a socket pair. With packets (the default)
each ``send`` arrives as one read of the host's, so the cuts of the stream are the script's.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Literal

from ringfence.engine import Channel, Exit, ResourceUse
from ringfence.model import Limits
from ringfence_guest.protocol.framing import Frame, FrameReader
from tests.support.guests import SocketChannel, TestEngine

__all__ = ["Gone", "Peer", "Script", "ScriptedEngine", "ScriptedGuest"]

_PATIENCE = 30.0


class Gone(Exception):
    """The host has hung up or killed the guest: ends the script."""


class Peer:
    """The guest's end, in the hands of a script."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._reader = FrameReader(1 << 40)
        self._frames: list[Frame] = []
        self._stopped = threading.Condition()
        self.stops: list[str] = []
        self.ending: Exit | None = Exit("Exit", "the script is over")
        self.cpu: float | None = None

    def send(self, *pieces: bytes) -> None:
        """Write each piece at once."""
        try:
            for piece in pieces:
                self._end.sendall(piece)
        except OSError:
            raise Gone from None

    def hear(self) -> Frame:
        """The next frame that the host says."""
        while not self._frames:
            try:
                size = self._end.recv_into(self._reader.buffer())
            except OSError:
                raise Gone from None
            if not size:
                raise Gone
            self._frames += self._reader.received(size)
        return self._frames.pop(0)

    def request(self) -> Frame:
        """The request of a turn; what is set up before is passed over."""
        while (frame := self.hear()).header["type"] == "setup":
            pass
        return frame

    def await_stop(self, how: str) -> None:
        """Wait until the host orders ``how``."""
        with self._stopped:
            if not self._stopped.wait_for(lambda: how in self.stops, _PATIENCE):
                raise AssertionError(f"the host never ordered: {how}")

    def silence(self) -> None:
        """Say nothing until the kill."""
        self.await_stop("kill")
        raise Gone

    def die(self, kind: str = "SIGSEGV", message: str = "it crashed") -> None:
        """End as a process would."""
        self.ending = Exit(kind, message)
        raise Gone

    def note(self, how: str) -> None:
        with self._stopped:
            self.stops.append(how)
            self._stopped.notify_all()


Script = Callable[[Peer], None]


class ScriptedGuest:
    shares_memory = False
    distance = 0.0
    meter = None

    def __init__(self, script: Script, kind: socket.SocketKind) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        self.channel: Channel = SocketChannel(ours)
        self._ours, self._theirs = ours, theirs
        self.peer = Peer(theirs)
        self.failure: BaseException | None = None
        self._ended = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, args=(script,), daemon=True)
        self._thread.start()

    def _run(self, script: Script) -> None:
        try:
            script(self.peer)
        except Gone:
            pass
        except BaseException as error:
            self.failure = error
        finally:
            self._theirs.close()
            self._ended.set()

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        self.peer.note(how)
        if how == "kill":
            with contextlib.suppress(OSError):
                self._ours.shutdown(socket.SHUT_RDWR)

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def usage(self) -> ResourceUse:
        return ResourceUse(self.peer.cpu, None)

    def weight(self) -> int | None:
        return None

    def exit(self, timeout: float) -> Exit | None:
        return self.peer.ending if self._ended.wait(timeout) else None

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.stop("kill")
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), "the script does not end"
        self._ours.close()
        if self.failure is not None:
            raise AssertionError("the script failed") from self.failure


class ScriptedEngine(TestEngine):
    """Guests that follow a script; each of several scripts is one guest's.

    Args:
        script: what the guest does, or what each next one does.
        packets: whether each piece that it sends arrives as one read.
    """

    name = "scripted"

    def __init__(self, script: Script | Iterable[Script], *, packets: bool = True) -> None:
        super().__init__()
        self._scripts = iter([script] if callable(script) else script)
        self._kind = socket.SOCK_SEQPACKET if packets else socket.SOCK_STREAM

    def start(self, limits: Limits) -> ScriptedGuest:
        return ScriptedGuest(next(self._scripts), self._kind)
