"""The addresses: the page, the API, and the tiles."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from ringfence.errors import BundleRefused, RingfenceError
from ringfence.plugins import Bundle
from worldgen.atlas import Atlas
from worldgen.catalogue import Withheld
from worldgen.chains import Settings
from worldgen.errors import (
    NotFound,
    Outdated,
    StoreNotUsable,
    UploadRefused,
    WorldgenError,
    WorldRefused,
)
from worldgen.geometry import Tile
from worldgen.store import World
from worldgen.web import views
from worldgen.web.bodies import (
    ChainBody,
    DecisionBody,
    LinkBody,
    RevisionBody,
    SettingsBody,
    SettingsChange,
    SourceBody,
    WithdrawalBody,
    WorldBody,
)
from worldgen.web.guard import Guard

__all__ = ["application"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotFound, 404),
    (Outdated, 409),
    (WorldRefused, 422),
    (UploadRefused, 422),
    (StoreNotUsable, 503),
    (WorldgenError, 400),
    (BundleRefused, 422),
    (Withheld, 404),
    (RingfenceError, 503),
)
_FOREVER = {"cache-control": "private, max-age=86400, immutable"}


def application(atlas: Atlas, *, secret: str, port: int) -> ASGIApp:
    """The application behind its door.

    Args:
        atlas: what it serves.
        secret: the first part of every path.
        port: the port on 127.0.0.1.
    """
    # The pages with the API's description would come from elsewhere: its text alone is served.
    app = FastAPI(
        title="Worldgen", version="1", docs_url=None, redoc_url=None, redirect_slashes=False
    )
    _add_errors(app)
    _add_page(app)
    _add_worlds(app, atlas)
    _add_plugins(app, atlas)
    return Guard(app, secret=secret, port=port)


def _add_errors(app: FastAPI) -> None:
    async def refused(_: Request, error: Exception) -> Response:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return JSONResponse({"error": str(error)}, status)

    async def malformed(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        one = error.errors()[0]
        where = ".".join(str(part) for part in one["loc"])[:200]
        return JSONResponse({"error": f"{where}: {one['msg']}"[:500]}, 422)

    async def nothing(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        said = "there is nothing here" if error.status_code == 404 else str(error.detail)
        return JSONResponse({"error": said}, error.status_code)

    for kind in (WorldgenError, RingfenceError):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, nothing)


def _add_page(app: FastAPI) -> None:
    # Read once, by name: no part of a path ever reaches the file system.
    own = _read(Path(__file__).parent / "static")
    leaflet = {
        name: (resources.files("js_lib_leaflet").joinpath(f"static/js_lib_leaflet/{name}"))
        for name in ("leaflet.js", "leaflet.css")
    }
    for name, file in leaflet.items():
        own[name] = (file.read_bytes(), _TYPES[Path(name).suffix])

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        content, kind = own["index.html"]
        return Response(content, headers={"content-type": kind})

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in own:
            raise NotFound("there is nothing here")
        content, kind = own[name]
        return Response(content, headers={"content-type": kind})


def _read(folder: Path) -> dict[str, tuple[bytes, str]]:
    return {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in folder.iterdir()
        if path.suffix in _TYPES
    }


def _settings(body: SettingsBody) -> Settings:
    return Settings(body.seed, body.sea_level, body.relief)


def _wanted(chain: list[LinkBody]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.name, one.version, dict(one.parameters)) for one in chain]


def _add_worlds(app: FastAPI, atlas: Atlas) -> None:
    @app.get("/spec")
    def spec() -> dict[str, Any]:
        """What plugins are written for, and how large a world is."""
        return views.spec_view()

    @app.get("/worlds")
    def worlds() -> list[dict[str, Any]]:
        """Every world."""
        return [views.world_view(world) for world in atlas.worlds.all()]

    @app.post("/worlds", status_code=201)
    def create(body: WorldBody) -> dict[str, Any]:
        """A new world."""
        chain = atlas.chain(_wanted(body.chain), None)
        return views.world_view(atlas.create(body.name, _settings(body.settings), chain))

    @app.get("/worlds/{number}")
    def world(number: str) -> dict[str, Any]:
        """A world."""
        return views.world_view(atlas.worlds.get(number))

    @app.put("/worlds/{number}")
    def change(number: str, body: SettingsChange) -> dict[str, Any]:
        """Rename a world, or change its settings."""
        settings = _settings(body.settings)
        return views.world_view(atlas.worlds.change(number, name=body.name, settings=settings))

    @app.delete("/worlds/{number}", status_code=204)
    def delete(number: str) -> None:
        """Delete a world, and its tiles."""
        atlas.delete(atlas.worlds.get(number))

    @app.put("/worlds/{number}/draft")
    def draft(number: str, body: ChainBody) -> dict[str, Any]:
        """Look at another chain, before it becomes the world's."""
        found = atlas.worlds.get(number)
        chain = atlas.chain(_wanted(body.chain), found)
        return views.world_view(atlas.worlds.draft(number, chain, revision=body.revision))

    @app.delete("/worlds/{number}/draft")
    def discard(number: str, body: RevisionBody) -> dict[str, Any]:
        """Throw the draft away."""
        return views.world_view(atlas.worlds.draft(number, None, revision=body.revision))

    @app.post("/worlds/{number}/adopt")
    def adopt(number: str, body: RevisionBody) -> dict[str, Any]:
        """Make the draft the world's chain: from now on its tiles are these."""
        return views.world_view(atlas.worlds.adopt(number, revision=body.revision))

    @app.get("/worlds/{number}/status")
    def status(number: str, draft: bool = False) -> dict[str, Any]:
        """The plugins of a world as they stand: withheld, quarantined, outdated, failing."""
        found = atlas.worlds.get(number)
        return views.status_view(
            atlas.status(found, draft=draft), atlas.failures(found, draft=draft)
        )

    @app.post("/worlds/{number}/release/{plugin}")
    def release(number: str, plugin: str) -> dict[str, Any]:
        """Ask a quarantined plugin again."""
        return {"released": atlas.release(atlas.worlds.get(number), plugin)}

    @app.get("/worlds/{number}/tiles/{z}/{x}/{y}.png")
    def tile(number: str, z: int, x: int, y: int) -> Response:
        """A tile of the world, as PNG."""
        return _tile(atlas, atlas.worlds.get(number), Tile(z, x, y), draft=False)

    @app.get("/worlds/{number}/draft/{z}/{x}/{y}.png")
    def draft_tile(number: str, z: int, x: int, y: int) -> Response:
        """The same tile, as the draft would have it."""
        return _tile(atlas, atlas.worlds.get(number), Tile(z, x, y), draft=True)


def _tile(atlas: Atlas, world: World, tile: Tile, *, draft: bool) -> Response:
    drawn = atlas.tile(world, tile, draft=draft)
    whole = not drawn.failures and not drawn.withheld
    headers = {
        **(_FOREVER if whole else {"cache-control": "no-store"}),
        "x-worldgen-kept": "yes" if drawn.kept else "no",
        "x-worldgen-failures": str(len(drawn.failures)),
        "x-worldgen-withheld": str(len(drawn.withheld)),
    }
    return Response(drawn.data, media_type="image/png", headers=headers)


def _add_plugins(app: FastAPI, atlas: Atlas) -> None:
    catalogue = atlas.catalogue

    @app.get("/plugins")
    def search(query: str = "") -> list[dict[str, Any]]:
        """Plugins of the workshop."""
        return [views.version_view(one) for one in catalogue.search(query)]

    @app.get("/plugins/{name}")
    def versions(name: str) -> list[dict[str, Any]]:
        """All versions of a plugin."""
        return [views.version_view(one) for one in catalogue.versions(name)]

    @app.get("/plugins/{name}/{version}")
    def plugin(name: str, version: str) -> dict[str, Any]:
        """A version of a plugin: manifest, source, and what the analysis finds."""
        bundle = catalogue.bundle(name, version)
        return views.bundle_view(bundle, catalogue.review(bundle))

    @app.post("/plugins/{name}/{version}/withdraw")
    def withdraw(name: str, version: str, body: WithdrawalBody) -> dict[str, Any]:
        """Yank a version of one's own, or revoke it."""
        told = catalogue.withdraw(name, version, body.reason, revoke=body.revoke)
        return views.version_view(told)

    @app.post("/analysis")
    def analyse(body: SourceBody) -> dict[str, Any]:
        """What the analysis finds in files that are not uploaded yet. Nothing of them is run."""
        return views.review_view(catalogue.review(_bundle(body)))

    @app.get("/uploads")
    def uploads() -> list[dict[str, Any]]:
        """What was uploaded here, the newest first."""
        return [views.submission_view(one) for one in catalogue.submissions()]

    @app.post("/uploads", status_code=201)
    def upload(body: SourceBody) -> dict[str, Any]:
        """Upload a plugin as files; answers with what became of it."""
        return views.submission_view(catalogue.submit(_bundle(body)))

    @app.post("/uploads/bundle", status_code=201)
    async def upload_bundle(request: Request) -> dict[str, Any]:
        """Upload a plugin as it was packed; the body is the bundle."""
        data = await request.body()

        def work() -> dict[str, Any]:
            return views.submission_view(catalogue.submit(Bundle.unpack(data)))

        return await run_in_threadpool(work)

    @app.post("/uploads/{number}/decision")
    def decide(number: str, body: DecisionBody) -> dict[str, Any]:
        """Publish what is in review, or refuse it."""
        told = catalogue.decide(number, publish=body.publish, reason=body.reason)
        return views.submission_view(told)


def _bundle(body: SourceBody) -> Bundle:
    try:
        return Bundle.of_files({name: text.encode() for name, text in body.files.items()})
    except UnicodeEncodeError:
        raise BundleRefused("", "a file has half of a character in it") from None
