"""What images are here, and what is in the cache beside them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from ringfence.cli import exits
from ringfence.cli.escape import escape
from ringfence.cli.image.versions import Own, ThisVersion
from ringfence.cli.tables import make_console
from ringfence.errors import ImageNotUsable
from ringfence.images.cache import ImageCache, Kept
from ringfence.model.as_json import dump

__all__ = ["list_images"]

_MEBIBYTE = 1 << 20
_BESIDE = {
    "packages": "{folders} that guests were lent",
    "build": "what the next build goes on from",
    "other_versions": "{folders} folders: ringfence image prune",
}


def list_images(*, as_json: bool) -> int:
    """Print the list; gives the exit status.

    Args:
        as_json: print JSON and nothing else.

    Raises:
        ConfigurationError: Wasmtime is not installed.
        ImageNotUsable: there is no cache folder to be had.
    """
    version = ThisVersion()
    kept = ImageCache().kept()
    images = [_image(own, kept) for own in version.images]
    kinds = {own.kind for own in version.images}
    used = [one for one in kept if version.uses(one)]
    beside = {
        "packages": _sum(one for one in used if one.kind not in kinds and one.kind != "build"),
        "build": _sum(one for one in used if one.kind == "build"),
        "other_versions": _sum(one for one in kept if not version.uses(one)),
    }
    if as_json:
        sys.stdout.write(dump({"images": images, **beside}))
    else:
        _print(images, beside)
    return exits.OK


def _image(own: Own, kept: Iterable[Kept]) -> dict[str, Any]:
    """One of this version's as data for JSON."""
    found = next((one for one in kept if (one.kind, one.key) == (own.kind, own.key)), None)
    return {
        "kind": own.kind,
        "key": own.key,
        "folder": None if found is None else str(found.folder),
        "size": None if found is None else found.size,
        "named_in_snapshots": None if found is None else _name_in_snapshots(found),
        "remedy": own.remedy if found is None else None,
    }


def _name_in_snapshots(image: Kept) -> str | None:
    """What a snapshot calls it, if there are any of its guests and it is whole."""
    if image.kind != "wasi":
        return None
    from ringfence.images.wasi.build import name_module

    try:
        return name_module(image.folder)
    except ImageNotUsable:  # as whoever starts a guest of it is told
        return None


def _sum(several: Iterable[Kept]) -> dict[str, int]:
    sizes = [one.size for one in several]
    return {"folders": len(sizes), "size": sum(sizes)}


def _print(images: Iterable[dict[str, Any]], beside: Mapping[str, dict[str, int]]) -> None:
    console = make_console()
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for image in images:
        name = Text(image["kind"], style="bold")
        if image["folder"] is None:
            table.add_row(name, Text("not here", style="yellow"), Text(escape(image["remedy"])))
            continue
        table.add_row(name, _size(image["size"]), Text(escape(_short(image["folder"]))))
        if image["named_in_snapshots"] is not None:
            table.add_row("", "", Text(f"{image['named_in_snapshots']} in snapshots", style="dim"))
    for what, sums in beside.items():
        if sums["folders"]:
            said = _BESIDE[what].format(folders=sums["folders"])
            table.add_row(what.replace("_", " "), _size(sums["size"]), said)
    console.print(table)


def _size(size: int) -> str:
    return f"{size / _MEBIBYTE:,.0f} MiB"


def _short(folder: str) -> str:
    """A path below the user's home folder as one that a shell takes, too."""
    try:
        return f"~/{Path(folder).relative_to(Path.home())}"
    except (RuntimeError, ValueError):
        return folder
