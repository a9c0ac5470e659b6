"""Guests that engines of this process have forked ahead: closed where a test counts what is left."""

from __future__ import annotations

from ringfence.errors import EngineFailure
from ringfence.zygote.process import _open_zygotes

__all__ = ["drop_spares"]


def drop_spares() -> list[int]:
    """Close them; their pids. The kernel may need a moment more."""
    ended = []
    for zygote in list(_open_zygotes):
        if not zygote.alive:
            continue
        kept = zygote.spare._kept
        try:
            pid = kept[1].host_pid() if kept is not None else None
        except EngineFailure:  # it never lived, or nothing is left to look with
            pid = None
        zygote.spare.drop()
        ended += [pid] if pid is not None else []
    return ended
