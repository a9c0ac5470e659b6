"""What engines of this process have ready for the next guest, forked or connected: closed where a
test counts what is left.
"""

from __future__ import annotations

import contextlib

from ringfence._engines.remote.image import _open_images
from ringfence.errors import EngineFailure
from ringfence.zygote.process import ZygoteProcess, _open_zygotes

__all__ = ["drop_spares", "spares"]


def spares() -> list[int]:
    """The pids of those that live now."""
    return [pid for zygote in _alive() for pid in _spares_of(zygote)]


def drop_spares() -> list[int]:
    """Close them; their pids. The kernel may need a moment more."""
    for image in list(_open_images):
        image.drop_spare()
    ended = []
    for zygote in _alive():
        ended += _spares_of(zygote)
        zygote.spares.drop()
    return ended


def _alive() -> list[ZygoteProcess]:
    return [zygote for zygote in list(_open_zygotes) if zygote.alive]


def _spares_of(zygote: ZygoteProcess) -> list[int]:
    pids = []
    for guest in zygote.spares.guests():
        with contextlib.suppress(EngineFailure):  # it never lived, or nothing is left to look with
            pids.append(guest.host_pid())
    return [pid for pid in pids if pid is not None]
