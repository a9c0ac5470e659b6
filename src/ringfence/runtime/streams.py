"""Long byte streams lent to a guest for one turn."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from ringfence.errors import ConfigurationError

__all__ = ["Reader", "Writer"]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Writable(Protocol):
    def write(self, data: Any, /) -> Any: ...


class Reader:
    """Lets the guest read a host's binary file, piece by piece.

    Pass it as an argument of ``call`` or as an input of ``run``; the guest gets a binary file
    object. At most 1 MiB is under way at a time: a file of any size passes through a small guest.

    Args:
        file: anything with ``read(size) -> bytes``; ``b""`` is the end.

    Raises:
        ConfigurationError: it has no ``read``.
    """

    direction: Literal["read", "write"] = "read"

    def __init__(self, file: _Readable) -> None:
        if not callable(getattr(file, "read", None)):
            raise ConfigurationError("Reader needs a binary file with read(size)")
        self.file = file

    def take(self, size: int) -> bytes:
        """The next at most ``size`` bytes; empty at the end.

        Raises:
            ConfigurationError: the file gave text, or more than was asked.
        """
        data: object = self.file.read(size)
        if not isinstance(data, bytes | bytearray | memoryview) or len(data) > size:
            raise ConfigurationError(
                "Reader: the file must give at most `size` bytes; open it 'rb'"
            )
        return bytes(data)


class Writer:
    """Lets the guest write to a host's binary file, piece by piece. The mirror of :class:`Reader`.

    Args:
        file: anything with ``write(bytes)``.
        limit: bytes that the guest may write in all; None is no bound but the turn's time.

    Raises:
        ConfigurationError: it has no ``write``, or ``limit`` is no number of bytes.
    """

    direction: Literal["read", "write"] = "write"

    def __init__(self, file: _Writable, limit: int | None = None) -> None:
        if not callable(getattr(file, "write", None)):
            raise ConfigurationError("Writer needs a binary file with write(data)")
        if limit is not None and (type(limit) is not int or limit < 0):
            raise ConfigurationError(f"Writer: limit={limit!r} must be a number of bytes, or None")
        self.file = file
        self.limit = limit
        self.written = 0

    def put(self, data: bytes | memoryview) -> bool:
        """Write; False when the guest wrote more than ``limit``."""
        self.written += len(data)
        if self.limit is not None and self.written > self.limit:
            return False
        left = bytes(data)
        while left:
            written = self.file.write(left)
            if type(written) is not int or written >= len(left):
                break
            if written <= 0:
                raise ConfigurationError("Writer: the file takes nothing; it must be blocking")
            left = left[written:]  # an unbuffered file may take less than it was given
        return True
