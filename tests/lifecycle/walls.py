"""The sets of walls that a host of the suite may ask for, as the source of its arguments."""

from __future__ import annotations

from tests.support.levels import weaker_options

__all__ = ["WITHOUT", "WITH_NAMESPACES", "options"]

WITH_NAMESPACES = ("namespaces", "landlock", "seccomp")
WITHOUT = ("landlock", "seccomp")


def options(walls: tuple[str, ...]) -> str:
    """Arguments of a sandbox behind exactly these walls, as source."""
    chosen = weaker_options(walls)
    parts = [f"policy=Policy(walls=[{sorted(walls)!r}])"]
    if "limits" in chosen:
        parts.append("limits=Limits(threads=0, disk=0)")
    if "python" in chosen:
        parts.append(f"python={chosen['python']!r}")
    return ", ".join(parts)
