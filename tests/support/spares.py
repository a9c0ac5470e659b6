"""What engines of this process have ready for the next guest, forked or connected: closed where a
test counts what is left.
"""

from __future__ import annotations

from ringfence._engines.remote.image import _open_images
from ringfence.errors import EngineFailure
from ringfence.zygote.process import ZygoteProcess, _open_zygotes

__all__ = ["drop_spares", "spares"]


def spares() -> list[int]:
    """The pids of those that live now."""
    return [pid for pid in map(_spare_of, _alive()) if pid is not None]


def drop_spares() -> list[int]:
    """Close them; their pids. The kernel may need a moment more."""
    for image in list(_open_images):
        image.drop_spare()
    ended = []
    for zygote in _alive():
        pid = _spare_of(zygote)
        zygote.spare.drop()
        ended += [pid] if pid is not None else []
    return ended


def _alive() -> list[ZygoteProcess]:
    return [zygote for zygote in list(_open_zygotes) if zygote.alive]


def _spare_of(zygote: ZygoteProcess) -> int | None:
    kept = zygote.spare._kept
    try:
        return kept[1].host_pid() if kept is not None else None
    except EngineFailure:  # it never lived, or nothing is left to look with
        return None
