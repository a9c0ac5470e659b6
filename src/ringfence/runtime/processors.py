"""How many processors there are for this process."""

from __future__ import annotations

import os

__all__ = ["count_processors"]


def count_processors() -> int:
    """Those that it may use, where the system tells (sched_getaffinity(2)); else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
