"""What the exit status of the command says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.model import Status

__all__ = [
    "BROKEN_PIPE",
    "CANCELLED",
    "CRASHED",
    "ENGINE_FAILURE",
    "FELL",
    "GUEST_ERROR",
    "INTERNAL",
    "LIMIT",
    "OF_STATUS",
    "OK",
    "REFUSED",
    "REVIEW",
    "UNAVAILABLE",
    "USAGE",
]

OK = 0
GUEST_ERROR = 1
"""``run``: the guest raised an exception and did not catch it."""
FELL = 1
"""``doctor``: a witness did not see what it should."""
REFUSED = 1
"""``analyze``: the plugin should not be published as it is."""
USAGE = 2
"""An option or an argument is wrong; nothing was started."""
UNAVAILABLE = 3
"""A limit, a grant or the walls cannot be had here; no engine can run; or the extra is missing."""
LIMIT = 4
REVIEW = 4
"""``analyze``: a person should look at the warnings."""
CRASHED = 5
ENGINE_FAILURE = 6
"""The machine ran out of something: processes, memory, disk, descriptors."""
INTERNAL = 70
"""A fault of Ringfence; the traceback is ours. (EX_SOFTWARE of sysexits.h.)"""
CANCELLED = 130
"""Ctrl-C; 128 + SIGINT, as shells have it."""
BROKEN_PIPE = 141
"""Nobody reads the output any more; 128 + SIGPIPE."""

OF_STATUS: Mapping[Status, int] = MappingProxyType(
    {
        "ok": OK,
        "error": GUEST_ERROR,
        "limit": LIMIT,
        "crashed": CRASHED,
        "cancelled": CANCELLED,
    }
)
"""``Result.status`` -> exit status of ``run``."""
