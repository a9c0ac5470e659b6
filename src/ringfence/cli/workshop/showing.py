"""Finding plugins, and looking at one. All that is printed of them is strangers' text."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.escape import escape_line
from ringfence.cli.tables import make_console

if TYPE_CHECKING:
    from ringfence.workshop import WorkshopClient

__all__ = ["search", "show"]


def search(
    client: WorkshopClient, query: str, kind: str, spec: str, most: int, *, as_json: bool
) -> int:
    """Print what is offered; gives the exit status."""
    from rich.table import Table

    with client, Activity("searching"):
        found, count = client.search(query, kind=kind, spec=spec, most=most)
    if as_json:
        sys.stdout.write(json.dumps({"plugins": found, "count": count}) + "\n")
        return exits.OK
    if not found:
        sys.stdout.write("nothing was found\n")
        return exits.OK
    table = Table(box=None, pad_edge=False)
    for head in ("plugin", "version", "kind", "for", "by", "title"):
        table.add_column(head, overflow="fold")
    for one in found:
        cells = (
            one["name"],
            one["version"],
            one["kind"],
            one["spec"],
            one["account"],
            one["title"],
        )
        table.add_row(*(escape_line(str(cell), 80) for cell in cells))
    make_console().print(table)
    if count > len(found):
        sys.stdout.write(f"{count - len(found)} more; --most shows more at once\n")
    return exits.OK


def show(client: WorkshopClient, name: str, *, as_json: bool) -> int:
    """Print a plugin and its versions; gives the exit status."""
    with client, Activity("asking the workshop"):
        versions = client.versions(name)
    if as_json:
        sys.stdout.write(json.dumps({"name": name, "versions": versions}) + "\n")
        return exits.OK
    offered = [one for one in versions if one["status"] == "published"]
    top = (offered or versions)[0]
    asks = ", ".join([*(f"package {one}" for one in top["packages"]), *top["grants"]])
    lines = [
        f"{top['name']}: {top['title']}",
        f"  {top['description']}" if top["description"] else "",
        f"  a {top['kind']} for {top['spec']}, by {top['author']} (account {top['account']})",
        f"  asks for {asks or 'nothing'}",
    ]
    lines += [
        f"  {one['version']:12} {one['status']:9} {one['created'][:10]}  {one['length']:,} bytes"
        + (f"  {one['reason']}" if one["reason"] else "")
        for one in versions
    ]
    for line in filter(None, lines):
        sys.stdout.write(escape_line(line) + "\n")
    return exits.OK
