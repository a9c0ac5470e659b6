"""Installing, with consent to what a plugin asks for; and verifying what is installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.escape import escape_line
from ringfence.cli.report import complain
from ringfence.cli.workshop.homes import Home
from ringfence.errors import ConsentNeeded, WorkshopError

if TYPE_CHECKING:
    from ringfence.workshop.signing import Escalation, Release

__all__ = ["install", "list_installed", "remove", "update", "verify"]


def install(home: Home, name: str, version: str | None, *, yes: bool) -> int:
    """Install a release; gives the exit status."""
    with home.client() as client, Activity(f"installing {name}") as activity:
        try:
            release = client.install(name, version, consent=_consent(activity, yes=yes))
        except ConsentNeeded as error:
            raise _needs_consent(error) from None
    sys.stdout.write(f"installed {_told(release)}\n")
    return exits.OK


def update(home: Home, name: str | None, *, yes: bool) -> int:
    """Update one plugin, or all; gives the exit status: 1 where one could not be."""
    status = exits.OK
    with home.client() as client, Activity("looking for updates") as activity:
        client.refresh()
        outdated = client.outdated()
        wanted = sorted(outdated) if name is None else [name]
        for one in wanted:
            activity.say(f"updating {one}")
            try:
                release = client.update(one, consent=_consent(activity, yes=yes))
            except WorkshopError as error:
                told = _needs_consent(error) if isinstance(error, ConsentNeeded) else error
                if name is not None:
                    raise told from None
                activity.make_room(at_line_start=True)
                complain(str(told), one)
                status = exits.GUEST_ERROR
                continue
            activity.make_room(at_line_start=True)
            sys.stdout.write(f"{'updated to' if one in outdated else 'is'} {_told(release)}\n")
    if not wanted:
        sys.stdout.write("everything is as new as the workshop offers\n")
    return status


def remove(home: Home, name: str, version: str | None) -> int:
    """Remove a plugin; gives the exit status."""
    with home.client() as client:
        client.remove(name, version)
    sys.stdout.write(f"removed {escape_line(name)}{'' if version is None else ' ' + version}\n")
    return exits.OK


def list_installed(home: Home, *, as_json: bool) -> int:
    """Print what is installed; gives the exit status."""
    with home.client() as client:
        found = client.installed()
        versions = {name: client.versions(name) for name in found}
    if as_json:
        told = [
            {
                "name": one.name,
                "version": one.version,
                "status": one.status,
                "reason": one.reason,
                "spec": one.spec,
                "versions": list(versions[one.name]),
            }
            for one in found.values()
        ]
        sys.stdout.write(json.dumps(told) + "\n")
        return exits.OK
    for one in found.values():
        others = [version for version in versions[one.name] if version != one.version]
        beside = f"  (also {', '.join(others)})" if others else ""
        state = "" if one.status == "published" else f"  {one.status}: {one.reason}"
        sys.stdout.write(f"{_told(one)}{beside}{escape_line(state)}\n")
    if not found:
        sys.stdout.write("nothing is installed\n")
    return exits.OK


def verify(home: Home, *, offline: bool) -> int:
    """Verify all that is installed; gives the exit status: 1 where something is not as signed."""
    status = exits.OK
    what = "asking the workshop for what is signed"
    with home.client() as client, Activity(what) as activity:
        if not offline:
            client.refresh()
        for name in client.installed():
            for version in client.versions(name):
                activity.say(f"verifying {name} {version}")
                try:
                    client.load(name, version)
                    line = f"{name} {version}: as signed"
                except WorkshopError as error:
                    line, status = f"{name} {version}: {error}", exits.GUEST_ERROR
                activity.make_room(at_line_start=True)
                sys.stdout.write(escape_line(line) + "\n")
    return status


def _consent(activity: Activity, *, yes: bool) -> Callable[[Escalation], bool]:
    """Asks a person whether a plugin may have what it asks for."""

    def ask(escalation: Escalation) -> bool:
        asked = [*(f"the package {one}" for one in escalation.packages)]
        asked += [f"the grant {one}" for one in escalation.grants]
        release = escalation.release
        said = escape_line(f"{release.name} {release.version} asks for {', '.join(asked)}")
        activity.make_room(at_line_start=False)
        if yes:
            complain(said, "consent")
            agreed = True
        elif sys.stdin.isatty():
            sys.stderr.write(f"{said}. Let it? [y/N] ")
            sys.stderr.flush()
            agreed = sys.stdin.readline().strip().lower() in {"y", "yes"}
        else:
            agreed = False  # which says what it asks for, and how to agree
        activity.make_room(at_line_start=True)
        return agreed

    return ask


def _needs_consent(error: ConsentNeeded) -> WorkshopError:
    asked = [*(f"the package {one}" for one in error.packages)]
    asked += [f"the grant {one}" for one in error.grants]
    return WorkshopError(
        f"{error.name} {error.version} asks for {', '.join(asked)}, and nobody agreed to that. "
        "Nothing was installed; --yes agrees"
    )


def _told(release: Release) -> str:
    return escape_line(f"{release.name} {release.version} ({release.spec})")
