"""The memory of the machine, or of the container or unit that this server is bounded by.

proc(5), cgroups(7): a bound of version 2 is ``memory.max``, one of version 1
``memory.limit_in_bytes``; those of outer groups bind as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

__all__ = ["memory_of_machine"]


def memory_of_machine(root: Path = Path("/")) -> int:
    """Bytes that this process and those it starts may have together.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([total, *_bounds(root)])


def _bounds(root: Path) -> Iterator[int]:
    """Of the cgroups that this process is in, as far as they can be seen from here."""
    groups = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, name = groups, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = groups / "memory", "memory.limit_in_bytes"
        else:
            continue
        own = PurePosixPath(path.lstrip("/"))
        for place in (own, *own.parents):
            try:
                text = (top / place / name).read_text().strip()
            except OSError:  # a container sees its own group as the root
                continue
            if text.isdigit():
                yield int(text)
