"""The numbers of one guest, as its process is held to them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GuestLimits", "process_seconds"]

_BACKSTOP = 1_000  # the whole life of a guest may use this many times its budget of CPU per turn


@dataclass(frozen=True, slots=True)
class GuestLimits:
    """The numbers of one guest. Bytes, seconds, counts."""

    memory: int
    disk: int
    files: int
    threads: int
    cpu: float
    once: bool = False


def process_seconds(limits: GuestLimits) -> int:
    """CPU seconds that the whole life of a guest may use: a backstop, for turns are bounded by the
    host.
    """
    return int(limits.cpu * (1 if limits.once else _BACKSTOP)) + 2
