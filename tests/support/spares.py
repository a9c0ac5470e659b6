"""What engines of this process have ready for the next guest, forked or connected: closed where a
test counts what is left.
"""

from __future__ import annotations

import contextlib
import sys
import threading

from ringfence._engines.remote.image import _open_images
from ringfence._engines.wasi.image import AHEAD
from ringfence.errors import EngineFailure
from ringfence.zygote import workers
from ringfence.zygote.source import GuestSource

__all__ = ["drop_spares", "spares"]


def spares() -> list[int]:
    """The pids of those that live now."""
    return [pid for zygote in _alive() for pid in _spares_of(zygote)]


def drop_spares() -> list[int]:
    """Close them; their pids. The kernel may need a moment more."""
    for thread in threading.enumerate():
        if thread.name == AHEAD:
            thread.join()
    for image in list(_open_images):
        image.drop_spare()
    ended = []
    for zygote in _alive():
        ended += _spares_of(zygote)
        zygote.spares.drop()
        if isinstance(zygote, workers.WorkerProcesses) and zygote._first is not None:
            first, zygote._first = zygote._first, None
            ended.append(first.pid)
            zygote._end(first)
    for thread in threading.enumerate():  # also of one that was closed while a guest was started
        if thread.name == workers.REAPER:
            thread.join()
    return ended


def _alive() -> list[GuestSource]:
    sources: list[GuestSource] = [*workers._all]
    zygotes = sys.modules.get("ringfence.zygote.process")  # which Windows cannot even import
    sources += () if zygotes is None else zygotes._open_zygotes
    return [one for one in sources if one.alive]


def _spares_of(zygote: GuestSource) -> list[int]:
    pids = []
    for guest in zygote.spares.guests():
        with contextlib.suppress(EngineFailure):  # it never lived, or nothing is left to look with
            pids.append(guest.host_pid())
    return [pid for pid in pids if pid is not None]
