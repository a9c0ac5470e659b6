"""Arrays in shared memory, which guests read where they are.

An arena is a sealed memfd (memfd_create(2), fcntl(2)) that the host has mapped, and writes through
that mapping alone: ``F_SEAL_FUTURE_WRITE`` keeps everybody from mapping it to write, and a guest
gets a descriptor of its own that is opened for reading. So guests that are lent the same arena
cannot tell each other anything by what is in it. (Its mode and times are another matter: whoever
lends it to one guest after another calls :meth:`Arena.forget_marks`, and guests that have it at the
same time can signal by them, as they can by how busy they keep the processor.)
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.errors import ConfigurationError, EngineFailure
from ringfence_guest.protocol.arrays import is_plain_dtype

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Arena", "Place", "empty", "has_arenas", "place_of"]

LEAST_SHARED = 1 << 20
"""Bytes of the smallest array that is lent in place; a smaller one is quicker in the frame."""

_FUTURE_WRITE = 0x10
_SEALS = 0x1 | 0x2 | 0x4 | _FUTURE_WRITE  # F_SEAL_SEAL, _SHRINK, _GROW of linux/fcntl.h
_ADD_SEALS = 1033
_MODE = 0o777  # what memfd_create(2) gives
_MOST = 1 << 46
_UNTRACKED = {"trackfd": False} if sys.version_info >= (3, 13) else {}


class Arena(mmap.mmap):
    """Shared memory, mapped by the host; ends when nothing refers to it any more."""

    descriptor = -1
    _opened = -1  # for the next guest
    guest_writes = False
    least = LEAST_SHARED
    """Bytes of the smallest array in it that is lent in place."""
    made = 0

    @classmethod
    def of(cls, size: int, *, guest_writes: bool = False) -> Arena:
        """New memory, all zeros.

        Args:
            size: bytes.
            guest_writes: one guest will map it to write: it must be lent to no other, and copied
                before anything in it is believed.

        Raises:
            EngineFailure: the machine has run out of descriptors or memory.
        """
        try:
            import fcntl  # where there are such files there is this

            descriptor = os.memfd_create("ringfence-arena", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            try:
                os.ftruncate(descriptor, size)
                arena = cls(descriptor, size, **_UNTRACKED)
                seals = _SEALS & ~_FUTURE_WRITE if guest_writes else _SEALS
                fcntl.fcntl(descriptor, _ADD_SEALS, seals)
            except BaseException:
                os.close(descriptor)
                raise
        except (OSError, MemoryError) as error:
            raise EngineFailure(f"no arena of {size} bytes can be made: {error}") from error
        arena.descriptor, arena.guest_writes = descriptor, guest_writes
        Arena.made += 1
        return arena

    def open_for_guest(self) -> int | None:
        """A descriptor of its own, with a position and flags that nobody shares, for the caller to
        close; None where this process has no /proc to open it by, or no descriptor left.
        """
        opened, self._opened = self._opened, -1
        if opened >= 0:
            return opened
        mode = os.O_RDWR if self.guest_writes else os.O_RDONLY
        try:
            return os.open(f"/proc/self/fd/{self.descriptor}", mode | os.O_CLOEXEC)
        except OSError:
            return None

    def forget_marks(self) -> None:
        """Have its mode and its times be those of any other arena. Guests of a host that is no root
        have the rights of its owner, and may have changed them: chmod(2), utimensat(2).
        """
        os.fchmod(self.descriptor, _MODE)
        os.utime(self.descriptor, ns=(0, 0))

    def open_ahead(self) -> None:
        """Open it now for the next guest, whose request may not wait for that. Only by who alone
        lends it: two threads could take one descriptor.
        """
        opened = self.open_for_guest()
        self._opened = -1 if opened is None else opened

    def __del__(self) -> None:
        for descriptor in (self.descriptor, self._opened):
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)


class Place(NamedTuple):
    """Where an array lies."""

    arena: Arena
    offset: int


def empty(shape: int | Sequence[int], dtype: Any = "float64") -> np.ndarray[Any, Any]:
    """An array of zeros that guests can use without a copy.

    Fill it, and pass it (or a contiguous part of it) as an argument of a call or in ``inputs=``. A
    guest that can share memory sees it where it is, read-only, and sees what you write into it
    later; where the engine cannot, and below 1 MiB, a copy travels as with any array.
    ``Result.usage.shared`` says how many bytes were lent so. In the guest it counts against
    ``memory``, as everything does that is mapped there. On systems other than Linux it is an array
    like any other.

    Args:
        shape: a length, or the lengths of the dimensions.
        dtype: a plain NumPy dtype: booleans, numbers, dates, text of fixed width.

    Raises:
        ConfigurationError: NumPy is not installed, or this is no shape or no plain dtype.
        EngineFailure: the machine has run out of descriptors or memory.
    """
    try:
        import numpy as np
    except ImportError:
        raise ConfigurationError(
            "ringfence.empty makes NumPy arrays, and NumPy is not installed; "
            "install ringfence[numpy]"
        ) from None
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ConfigurationError(f"dtype={dtype!r} is not a dtype of NumPy's") from None
    if not is_plain_dtype(kind.str):
        raise ConfigurationError(f"dtype={dtype!r} is not plain: arrays of it cannot cross")
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(type(n) is int and n >= 0 for n in lengths):
        raise ConfigurationError(f"shape={shape!r} must be a length, or several, from 0")
    size = math.prod(lengths) * kind.itemsize
    if size > _MOST:
        raise ConfigurationError(f"shape={shape!r} of {kind} takes {size} bytes; at most {_MOST}")
    if not hasattr(os, "memfd_create"):
        return np.zeros(lengths, kind)
    arena = Arena.of(max(size, 1))
    return np.frombuffer(arena, kind, math.prod(lengths)).reshape(lengths)


def has_arenas() -> bool:
    """Whether this process has made an arena: else no array needs to be looked at."""
    return Arena.made > 0


def place_of(array: Any) -> Place | None:
    """Where an array lies, if it is a whole piece of an arena and worth lending in place."""
    if not array.nbytes or not array.flags.c_contiguous:
        return None
    owner = array
    while owner is not None and not isinstance(owner, Arena):
        owner = owner.obj if isinstance(owner, memoryview) else getattr(owner, "base", None)
    if owner is None or array.nbytes < owner.least or not is_plain_dtype(array.dtype.str):
        return None
    import numpy as np

    return Place(owner, _address(array) - _address(np.frombuffer(owner, "u1")))


def _address(array: Any) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
