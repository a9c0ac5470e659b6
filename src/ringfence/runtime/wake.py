"""A descriptor that one thread waits on and any thread wakes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from typing import Protocol

from ringfence.errors import EngineFailure
from ringfence.system.pairs import socket_pair

__all__ = ["Wake"]


_ONE = (1).to_bytes(8, "little")  # an eventfd takes nothing else
_MOST = 1 << 16  # bytes that a pipe holds


class _Way(Protocol):
    """How a wake-up goes from one thread to another; neither end blocks."""

    def fileno(self) -> int: ...

    def write(self) -> None: ...

    def read(self) -> None: ...

    def close(self) -> None: ...


class _Descriptors:
    """An eventfd, or the two ends of a pipe."""

    __slots__ = ("_most", "_read", "_write")

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._most = len(_ONE) if read == write else _MOST

    def fileno(self) -> int:
        return self._read

    def write(self) -> None:
        os.write(self._write, _ONE)

    def read(self) -> None:
        os.read(self._read, self._most)

    def close(self) -> None:
        for descriptor in {self._read, self._write}:
            os.close(descriptor)


class _Sockets:
    """A pair of sockets: all that Windows can wait for."""

    __slots__ = ("_read", "_write")

    def __init__(self) -> None:
        self._read, self._write = socket_pair()
        for end in (self._read, self._write):
            end.setblocking(False)

    def fileno(self) -> int:
        return self._read.fileno()

    def write(self) -> None:
        self._write.send(_ONE)

    def read(self) -> None:
        self._read.recv(_MOST)

    def close(self) -> None:
        self._read.close()
        self._write.close()


def _make() -> _Way:
    if sys.platform == "win32":
        return _Sockets()
    try:
        descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    except AttributeError:  # it is Linux's own
        pass
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
    else:
        return _Descriptors(descriptor, descriptor)
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return _Descriptors(read, write)


class Wake:
    """An eventfd, or where there is none a pipe, or a pair of sockets."""

    __slots__ = ("_lock", "_open", "_way")

    def __init__(self) -> None:
        # A closed descriptor's number may be somebody else's. A signal handler may wake, too.
        self._lock = threading.RLock()
        self._open = False
        try:
            self._way = _make()
        except OSError as error:
            raise EngineFailure(f"no descriptor to wake a turn with: {error}") from error
        self._open = True

    def fileno(self) -> int:
        """What to wait on; -1 once it was closed."""
        return self._way.fileno() if self._open else -1

    def set(self) -> None:
        """Wake the waiter; from any thread, also when it is awake or gone."""
        with self._lock:
            if self._open:
                with contextlib.suppress(BlockingIOError):
                    self._way.write()

    def clear(self) -> None:
        """Forget wake-ups so far."""
        if self._open:
            with contextlib.suppress(BlockingIOError):
                self._way.read()

    def close(self) -> None:
        """Give the descriptors back. May be called again."""
        with self._lock:
            there, self._open = self._open, False
        if there:
            self._way.close()

    def __del__(self) -> None:
        if hasattr(self, "_open"):
            self.close()
