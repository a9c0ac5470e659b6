"""Packing a plugin, sending it, and what becomes of it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.escape import escape_line
from ringfence.cli.tables import make_console
from ringfence.errors import ConfigurationError
from ringfence.plugins import Bundle

if TYPE_CHECKING:
    from ringfence.workshop import WorkshopClient

__all__ = ["list_submissions", "pack", "publish", "show_submission", "write_new"]

_BETWEEN = 0.5
_UNDECIDED = frozenset({"uploaded", "analysed", "tried", "publishing"})
_DOING = {
    "uploaded": "analysing",
    "analysed": "trying the spec's test cases",
    "tried": "deciding",
    "publishing": "signing",
}
_MOST_FINDINGS = 20


def read_bundle(path: Path) -> Bundle:
    """The bundle in a folder, or in a packed file.

    Raises:
        BundleRefused: it is none.
        ConfigurationError: it cannot be read.
    """
    if path.is_dir():
        return Bundle.of_folder(path)
    try:
        with path.open("rb") as file:
            return Bundle.unpack(file.read(1 << 24))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def write_new(path: Path, data: bytes) -> None:
    """Write a file; one that is there is replaced as a whole, and never written through a link.

    Raises:
        ConfigurationError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb"
        ) as file:
            file.write(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigurationError(f"{path} cannot be written: {error}") from error


def pack(source: Path, out: Path | None) -> int:
    """Pack a folder, and print the file and its SHA-256; gives the exit status."""
    bundle = read_bundle(source)
    target = out or Path(f"{bundle.manifest.name}-{bundle.manifest.version_text}.zip")
    write_new(target, bundle.pack())
    sys.stdout.write(f"{escape_line(str(target))}  sha256 {bundle.sha256}\n")
    return exits.OK


def publish(client: WorkshopClient, source: Path, *, wait: bool, as_json: bool) -> int:
    """Send a bundle, and wait for what becomes of it; gives the exit status."""
    bundle = read_bundle(source)
    with client, Activity(f"sending {bundle.manifest}") as activity:
        told = client.submit(bundle.pack())
        while wait and told["state"] in _UNDECIDED:
            activity.say(f"{bundle.manifest}: {_DOING[told['state']]}")
            time.sleep(_BETWEEN)
            told = client.submission(told["id"])
    _show(told, as_json=as_json)
    return exits.GUEST_ERROR if told["state"] == "refused" else exits.OK


def show_submission(client: WorkshopClient, number: str, *, as_json: bool) -> int:
    """Print a submission; gives the exit status."""
    with client, Activity("asking the workshop"):
        told = client.submission(number)
    _show(told, as_json=as_json)
    return exits.OK


def list_submissions(client: WorkshopClient, state: str, *, as_json: bool) -> int:
    """Print one's submissions, or everybody's for a reviewer; gives the exit status."""
    from rich.table import Table

    with client, Activity("asking the workshop"):
        found = client.submissions(state=state)
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return exits.OK
    if not found:
        sys.stdout.write("none\n")
        return exits.OK
    table = Table(box=None, pad_edge=False)
    for head in ("submission", "plugin", "by", "state", "why"):
        table.add_column(head, overflow="fold")
    for one in found:
        plugin = f"{one['name']} {one['version']}"
        cells = (one["id"], plugin, one["account"], one["state"], one["reason"])
        table.add_row(*(escape_line(str(cell), 120) for cell in cells))
    make_console().print(table)
    return exits.OK


def _show(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for line in _lines(told):
        sys.stdout.write(escape_line(line) + "\n")


def _lines(told: Mapping[str, Any]) -> list[str]:
    lines = [f"{told['name']} {told['version']}: {told['state']}"]
    if told["reason"]:
        lines[0] += f": {told['reason']}"
    lines.append(f"  submission {told['id']} by {told['account']}, {told['created']}")
    if told["reviewer"]:
        lines.append(f"  decided by {told['reviewer']}")
    for what, names in told["escalation"].items():
        if names:
            lines.append(f"  asks for more {what} than before: {', '.join(names)}")
    analysis, trial = told.get("analysis"), told.get("trial")
    if analysis:
        lines.append(f"  analysis: {analysis['verdict']}")
        lines += [
            f"    {one['severity']} {one['rule']} {one['file']}:{one['line']}: {one['message']}"
            + (f"; {one['remedy']}" if one["remedy"] else "")
            for one in analysis["findings"][:_MOST_FINDINGS]
        ]
        more = len(analysis["findings"][_MOST_FINDINGS:]) + analysis["more"]
        lines += [f"    and {more} more; --json lists them"] if more else []
        imports = ", ".join(analysis["capabilities"]["imports"])
        lines += [f"    imports {imports}"] if imports else []
    if trial:
        cases = trial["cases"]
        passed = sum(one["ok"] for one in cases)
        lines.append(f"  trial: {passed} of {len(cases)} test cases passed")
        lines += [
            f"    {one['hook']}, {one['title']}: {one['reason']}" for one in cases if not one["ok"]
        ]
    return lines
