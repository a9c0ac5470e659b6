"""The blocks that come with the application: scripts of the dialect, and bounds for sliders."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from vishwakarma_app.document import Definition

__all__ = ["LIBRARY", "PUBLISHER", "Bounds", "LibraryBlock"]

PUBLISHER = "vishwakarma"


@dataclass(frozen=True)
class Bounds:
    """What a slider goes through: from ``low`` to ``high`` by ``step``; and what it is called."""

    title: str
    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class LibraryBlock:
    """A block that comes with the application.

    Attributes:
        name: what documents call it.
        title: what people call it.
        source: its script.
        bounds: name of a parameter -> its bounds.
        publisher: who wrote it.
    """

    name: str
    title: str
    source: str
    bounds: Mapping[str, Bounds]
    publisher: str = PUBLISHER

    @property
    def definition(self) -> Definition:
        """What a document has of it."""
        return Definition(self.source, self.publisher)


def _read() -> Mapping[str, LibraryBlock]:
    folder = Path(__file__).parent / "scripts"
    tables = tomllib.loads((folder / "library.toml").read_text(encoding="utf-8"))
    found = {}
    for name, table in tables.items():
        bounds = {one: Bounds(*row) for one, row in table["parameters"].items()}
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        found[name] = LibraryBlock(name, table["title"], source, bounds)
    return MappingProxyType(found)


LIBRARY: Mapping[str, LibraryBlock] = _read()
"""By name."""
