"""What is published, over HTTP: the search, versions, and their withdrawal."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from ringfence.errors import WorkshopRefused
from ringfence.workshop.http.as_json import plugin_as_json, version_as_json
from ringfence.workshop.http.asking import Asked, Desk

__all__ = ["routes"]


def routes(desk: Desk) -> list[Route]:
    """What there is."""
    one = "/v1/plugins/{name}/versions/{version}"
    return [
        desk.route("GET", "/v1/plugins", _search),
        desk.route("GET", "/v1/plugins/{name}", _plugin),
        desk.route("GET", "/v1/plugins/{name}/versions", _versions),
        desk.route("GET", one, _version),
        desk.route("POST", f"{one}/yank", _yank, signed_in=True),
        desk.route("POST", f"{one}/revoke", _revoke, signed_in=True),
        desk.route("POST", f"{one}/reinstate", _reinstate, signed_in=True),
    ]


def _search(asked: Asked) -> Any:
    found, count = asked.workshop.releases.search(
        asked.query.get("query", ""),
        kind=asked.query.get("kind", ""),
        spec=asked.query.get("spec", ""),
        first=asked.number("first", 0),
        most=asked.number("most", 20),
    )
    return {"plugins": [version_as_json(one) for one in found], "count": count}


def _plugin(asked: Asked) -> Any:
    return plugin_as_json(asked.workshop.releases.plugin(asked.path["name"]))


def _versions(asked: Asked) -> Any:
    found = asked.workshop.releases.versions(asked.path["name"])
    return {"versions": [version_as_json(one) for one in found]}


def _version(asked: Asked) -> Any:
    for one in asked.workshop.releases.versions(asked.path["name"]):
        if one.version == asked.path["version"]:
            return version_as_json(one)
    raise WorkshopRefused("unknown", f"there is no version {asked.path['version'][:40]!a}")


def _yank(asked: Asked) -> Any:
    reason = asked.fields(reason=str).get("reason", "")
    name, version = asked.path["name"], asked.path["version"]
    return version_as_json(asked.workshop.releases.yank(asked.signed_in, name, version, reason))


def _revoke(asked: Asked) -> Any:
    reason = asked.fields(reason=str).get("reason", "")
    name, version = asked.path["name"], asked.path["version"]
    return version_as_json(asked.workshop.releases.revoke(asked.signed_in, name, version, reason))


def _reinstate(asked: Asked) -> Any:
    asked.fields()
    name, version = asked.path["name"], asked.path["version"]
    return version_as_json(asked.workshop.releases.reinstate(asked.signed_in, name, version))
