"""A descriptor that one thread waits on and any thread wakes."""

from __future__ import annotations

import contextlib
import errno
import os
import threading

from ringfence.errors import EngineFailure

__all__ = ["Wake"]


_NUMBER = 8  # bytes that an eventfd is read by
_MOST = 1 << 16  # bytes that a pipe holds


def _make() -> tuple[int, int]:
    """A descriptor to read and one to write, neither of which blocks."""
    try:
        descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    except AttributeError:  # it is Linux's own
        pass
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
    else:
        return descriptor, descriptor
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write


class Wake:
    """An eventfd, or a pipe where there is none."""

    __slots__ = ("_lock", "_read", "_write")

    def __init__(self) -> None:
        # A closed descriptor's number may be somebody else's. A signal handler may wake, too.
        self._lock = threading.RLock()
        try:
            self._read, self._write = _make()
        except OSError as error:
            raise EngineFailure(f"no descriptor to wake a turn with: {error}") from error

    def fileno(self) -> int:
        """What to wait on."""
        return self._read

    def set(self) -> None:
        """Wake the waiter; from any thread, also when it is awake or gone."""
        with self._lock:
            if self._write >= 0:
                with contextlib.suppress(BlockingIOError):
                    os.write(self._write, (1).to_bytes(8, "little"))

    def clear(self) -> None:
        """Forget wake-ups so far."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, _NUMBER if self._read == self._write else _MOST)

    def close(self) -> None:
        """Give the descriptors back. May be called again."""
        with self._lock:
            read, write = self._read, self._write
            self._read = self._write = -1
        if read >= 0:
            os.close(read)
        if write >= 0 and write != read:
            os.close(write)

    def __del__(self) -> None:
        if hasattr(self, "_write"):
            self.close()
