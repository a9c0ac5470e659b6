"""Removing what the cache holds for other versions."""

from __future__ import annotations

import contextlib
import sys

from ringfence.cli import exits
from ringfence.errors import ImageNotBuilt
from ringfence.images.cache import ImageCache, Kept

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
    from ringfence.images.micro import recipe as micro
    from ringfence.images.pocketpy import recipe as pocketpy
    from ringfence.images.wasi.recipe import KIND, image_key, interpreter_key

    image = image_key()
    used = {
        (KIND, image),
        ("build", f"{KIND}-{interpreter_key()}"),
        (micro.KIND, micro.image_key()),
    }
    with contextlib.suppress(ImageNotBuilt):  # there is none for this machine
        used.add((pocketpy.KIND, pocketpy.image_key()))
    cache = ImageCache()
    freed = 0
    for kept in cache.kept():
        if (kept.kind, kept.key) in used or _is_of(kept, image):
            continue
        if not pretend:
            cache.remove(kept)
        freed += kept.size
        what = "would remove" if pretend else "removed"
        sys.stdout.write(f"{what} {kept.kind} {kept.key}, {kept.size / _MEBIBYTE:,.0f} MiB\n")
    said = "would be free" if pretend else "are free"
    sys.stdout.write(f"{freed / _MEBIBYTE:,.0f} MiB {said}\n")
    return exits.OK


def _is_of(kept: Kept, image: str) -> bool:
    """Whether it is a package, for this image or for any."""
    _, dash, of = kept.key.partition("-")
    return kept.kind.startswith("packages-") and (not dash or of == image)
