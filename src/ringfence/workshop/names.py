"""Names that people could take for each other.

A name belongs to whoever had it first, for ever; and one that reads like it is refused, whoever
asks. What counts as alike: with hyphens and underscores or without, which nobody remembers; ``0``
and ``o``; ``1``, ``i`` and ``l``; ``rn`` and ``m``; ``vv`` and ``w`` (Unicode TS 39's skeletons, as
far as they concern the ASCII that names have).
"""

from __future__ import annotations

from ringfence.errors import WorkshopRefused
from ringfence.plugins.manifest import is_plugin_name

__all__ = ["check_name", "skeleton"]

_ALIKE = str.maketrans({"-": "", "_": "", "0": "o", "1": "l", "i": "l"})


def skeleton(name: str) -> str:
    """What names that read alike have in common."""
    return name.lower().translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def check_name(name: str, what: str) -> str:
    """A name of an account, if it is one.

    Raises:
        WorkshopRefused: it is none.
    """
    if not is_plugin_name(name):
        raise WorkshopRefused(
            "malformed",
            f"{name[:80]!a} cannot be the name of {what}: lower-case words with hyphens, at "
            "most 64 characters",
        )
    return name
