"""Names that lead elsewhere: symbolic links, and on Windows junctions and whatever else does."""

from __future__ import annotations

import os
import stat

__all__ = ["is_link"]

_REPARSED = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)


def is_link(seen: os.stat_result) -> bool:
    """Whether what was seen with :func:`os.lstat` leads elsewhere.

    Windows says of a junction that it is a folder.
    """
    return stat.S_ISLNK(seen.st_mode) or bool(getattr(seen, "st_file_attributes", 0) & _REPARSED)
