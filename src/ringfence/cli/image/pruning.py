"""Removing what the cache holds for other versions."""

from __future__ import annotations

import sys

from ringfence.cli import exits
from ringfence.cli.image.versions import ThisVersion
from ringfence.images.cache import ImageCache

__all__ = ["prune"]

_MEBIBYTE = 1 << 20


def prune(*, pretend: bool) -> int:
    """Remove every image, and all that is kept to build one, that this version does not use.

    Args:
        pretend: only say what would be removed.

    Raises:
        EngineFailure: something cannot be removed.
        ImageNotUsable: there is no cache folder to be had.
    """
    version = ThisVersion()
    cache = ImageCache()
    freed = 0
    for kept in cache.kept():
        if version.uses(kept):
            continue
        if not pretend:
            cache.remove(kept)
        freed += kept.size
        what = "would remove" if pretend else "removed"
        sys.stdout.write(f"{what} {kept.kind} {kept.key}, {kept.size / _MEBIBYTE:,.0f} MiB\n")
    said = "would be free" if pretend else "are free"
    sys.stdout.write(f"{freed / _MEBIBYTE:,.0f} MiB {said}\n")
    return exits.OK
