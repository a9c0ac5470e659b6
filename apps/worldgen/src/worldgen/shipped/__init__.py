"""The plugins that come with it, as their authors would publish them.

A folder below this one is a plugin: its manifest and its module. What they share, the noise, stands
once in ``shared/`` and goes into every bundle, since a plugin has no files but its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ringfence.plugins import Bundle

__all__ = ["SHIPPED", "shipped"]

SHIPPED = ("ridged-mountains", "islands", "erosion", "rivers", "caves", "biomes")
"""Their names, in the order in which they go well with each other."""

_FOLDER = Path(__file__).parent


@cache
def shipped() -> Mapping[str, Bundle]:
    """The plugins by name, in the order of :data:`SHIPPED`."""
    shared = _read(_FOLDER / "shared")
    return MappingProxyType(
        {name: Bundle.of_files({**shared, **_read(_FOLDER / name)}) for name in SHIPPED}
    )


def _read(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix in {".py", ".toml"}
    }
