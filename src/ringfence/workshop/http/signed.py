"""The signed metadata and what it names, for clients of The Update Framework. Needs no token: who
asks believes the signatures, and nothing else.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ringfence.errors import WorkshopRefused
from ringfence.workshop.http.asking import Asked, Desk

__all__ = ["routes"]

_FOR_EVER = "public, max-age=31536000, immutable"


def routes(desk: Desk) -> list[Route]:
    """What there is."""
    return [
        desk.route("GET", "/metadata/{name}", _metadata),
        desk.route("GET", "/targets/{path:path}", _target),
    ]


def _metadata(asked: Asked) -> Any:
    name = asked.path["name"]
    try:
        data = asked.workshop.releases.metadata_file(name)
    except (FileNotFoundError, KeyError):
        raise WorkshopRefused("unknown", "there is nothing here") from None
    # A file that has its version in its name never changes; the timestamp always does.
    kept = "no-cache" if name == "timestamp.json" else _FOR_EVER
    return Response(data, media_type="application/json", headers={"cache-control": kept})


def _target(asked: Asked) -> Any:
    try:
        data = asked.workshop.releases.target_file(asked.path["path"])
    except (FileNotFoundError, KeyError):
        raise WorkshopRefused("unknown", "there is nothing here") from None
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"cache-control": _FOR_EVER, "content-disposition": "attachment"},
    )
