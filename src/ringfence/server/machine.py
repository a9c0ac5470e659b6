"""The memory of the machine, or of the container or unit that this server is bounded by.

proc(5), cgroups(7): a bound of version 2 is ``memory.max``, one of version 1
``memory.limit_in_bytes``; those of outer groups bind as well. ``shmem`` in ``memory.stat`` are the
pages of ``tmpfs``, of a group and those below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

__all__ = ["files_in_memory", "memory_of_machine"]


def memory_of_machine(root: Path = Path("/")) -> int:
    """Bytes that this process and those it starts may have together.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    texts = _told(root, "memory.max", "memory.limit_in_bytes")
    return min([total, *(int(text) for text in texts if text.isdigit())])


def files_in_memory(root: Path = Path("/")) -> int | None:
    """Bytes of all files that lie in memory: of this process' container or unit, or of the machine;
    None where nobody says. No guest has more of them.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    for text in _told(root, "memory.stat", "memory.stat"):
        fields = dict(line.split(" ", 1) for line in text.splitlines())
        size = fields.get("total_shmem", fields.get("shmem"))
        if size is not None:
            return int(size)
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    sizes = (line.split()[1] for line in lines if line.startswith("Shmem:"))
    return next((int(size) << 10 for size in sizes), None)


def _told(root: Path, name: str, old_name: str) -> Iterator[str]:
    """What the cgroups of this process say, as far as they can be seen: its own first."""
    groups = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, file = groups, name
        elif "memory" in controllers.split(","):
            top, file = groups / "memory", old_name
        else:
            continue
        own = PurePosixPath(path.lstrip("/"))
        for place in (own, *own.parents):
            try:
                yield (top / place / file).read_text().strip()
            except OSError:  # a container sees its own group as the root
                continue
