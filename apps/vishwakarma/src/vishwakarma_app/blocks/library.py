"""Libraries of blocks: scripts of the dialect, and bounds for sliders, as bundles.

::

    [plugin]
    name = "fences"
    version = "1.0.0"
    author = "ada"
    title = "Fences"
    kind = "blocks"
    entry = "picket"               # any of its blocks

    [spec]
    name = "vishwakarma"
    version = "1.0"

    [host.blocks.picket]           # for each script of the bundle: picket.py
    title = "Picket fence"

    [host.blocks.picket.parameters]
    pales = ["Pales", 2, 60, 1]    # what it is called; what a slider goes through: from, to, by

What comes with the application is one as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ringfence.plugins import Bundle, Manifest
from vishwakarma_app.document import Definition
from vishwakarma_app.errors import ExtensionRefused
from vishwakarma_app.manifests import HostTable

__all__ = [
    "LIBRARY",
    "PUBLISHER",
    "BlockLibrary",
    "Bounds",
    "LibraryBlock",
    "check_library",
    "library_of",
]

PUBLISHER = "vishwakarma"
"""Who wrote the blocks that come with the application: the name of their bundle."""

_NAME = r"[a-z][a-z0-9_]{0,63}"
_LINE = r".{1,200}"
_MOST_BLOCKS = 200
_MOST_PARAMETERS = 64


@dataclass(frozen=True)
class Bounds:
    """What a slider goes through: from ``low`` to ``high`` by ``step``; and what it is called."""

    title: str
    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class LibraryBlock:
    """A block of a library.

    Attributes:
        name: what documents call it.
        title: what people call it.
        source: its script.
        bounds: name of a parameter -> its bounds.
        publisher: who wrote it: the name of the library.
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


@dataclass(frozen=True)
class BlockLibrary:
    """Blocks that go together.

    Attributes:
        name: lower-case words with hyphens.
        title: for people: its author's text.
        blocks: by name.
        version: as people write it.
    """

    name: str
    title: str
    blocks: Mapping[str, LibraryBlock]
    version: str


def check_library(manifest: Manifest) -> None:
    """Check what a manifest says of itself as a library.

    Raises:
        ExtensionRefused: something is wrong; names the field.
    """
    _tables(manifest)


def library_of(bundle: Bundle) -> BlockLibrary:
    """The library that a bundle is. Its scripts are checked when they are used.

    Raises:
        ExtensionRefused: its manifest is wrong, or its scripts are not those that it names.
    """
    manifest = bundle.manifest
    tables = _tables(manifest)
    if strange := sorted(tables.keys() ^ bundle.modules.keys()):
        raise ExtensionRefused(
            f"{manifest.name}: {strange[0]}: its scripts must be those that [host.blocks] names, "
            "each at the root of the bundle"
        )
    blocks = {
        name: LibraryBlock(name, title, bundle.modules[name], bounds, manifest.name)
        for name, (title, bounds) in tables.items()
    }
    return BlockLibrary(
        manifest.name, manifest.title, MappingProxyType(blocks), manifest.version_text
    )


def _tables(manifest: Manifest) -> dict[str, tuple[str, Mapping[str, Bounds]]]:
    """Title and bounds of each block."""
    host = HostTable(manifest.name, "host", manifest.host)
    host.only("blocks")
    if manifest.parameters or manifest.grants:
        raise host.wrong("", "a library has no parameters and asks for nothing; its blocks have")
    found: dict[str, tuple[str, Mapping[str, Bounds]]] = {}
    for name, table in host.tables(
        "blocks", _NAME, "lower-case words with underscores", most=_MOST_BLOCKS
    ).items():
        table.only("title", "parameters")
        title = table.text("title", _LINE, "a text of one line")
        rows = table.rows("parameters", most=_MOST_PARAMETERS)
        bounds = {one: _bounds(table, one, row) for one, row in rows.items()}
        found[name] = (title, MappingProxyType(bounds))
    if not found:
        raise host.wrong("blocks", "a library has at least one block")
    return found


def _bounds(table: HostTable, name: str, row: list[Any]) -> Bounds:
    title, numbers = (row[0] if row else None), row[1:]
    if not isinstance(title, str) or not 0 < len(title) <= 200 or not title.isprintable():
        raise table.wrong(name, "it must begin with a text of one line")
    if not numbers:
        return Bounds(title)
    if len(numbers) != 3 or not all(
        type(one) in {int, float} and abs(one) < 1e15 and math.isfinite(one) for one in numbers
    ):
        raise table.wrong(name, "behind its title go three numbers: from, to, by")
    low, high, step = numbers
    if not low < high or not 0 < step <= high - low:
        raise table.wrong(name, "a slider goes from less to more, by more than 0")
    return Bounds(title, low, high, step)


LIBRARY: Mapping[str, LibraryBlock] = library_of(
    Bundle.of_folder(Path(__file__).parent / "scripts")
).blocks
"""The blocks that come with the application, by name."""
