"""The addresses: the page with what belongs to it, its socket, and files on their way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

import ringfence
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.web.files import LARGEST_UPLOAD
from vishwakarma_app.web.guard import Guard
from vishwakarma_app.web.hub import Hub
from vishwakarma_app.web.page import Page

__all__ = ["application"]

_STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PIECE = 1 << 20
_MOST_PAGES = 16


def application(
    hub: Hub, *, secret: str, port: int, largest_upload: int = LARGEST_UPLOAD
) -> ASGIApp:
    """The application behind its door.

    Args:
        hub: what it serves.
        secret: the first part of every path.
        port: the port on 127.0.0.1.
        largest_upload: bytes of one file.
    """
    # Read once, by name: no part of a path ever reaches the file system.
    static = {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in _STATIC.iterdir()
        if path.suffix in _TYPES
    }

    async def file(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        if name not in static:
            return Response("There is nothing here.\n", 404, media_type="text/plain")
        content, kind = static[name]
        return Response(content, headers={"content-type": kind})

    async def upload(request: Request) -> Response:
        """Take a file, piece by piece; what is too large is not kept."""
        page = hub.pages.get(request.query_params.get("page", ""))
        if page is None:
            return JSONResponse({"error": "this page is not connected any more"}, 404)
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told) > largest_upload:
            return _too_large(largest_upload)
        token, kept = page.files.new(request.query_params.get("name", ""))
        size, pending = 0, bytearray()
        try:
            async for data in request.stream():
                size += len(data)
                if size > largest_upload:
                    page.files.drop(token)
                    return _too_large(largest_upload)
                pending += data
                if len(pending) >= _PIECE:
                    await asyncio.to_thread(kept.content.write, bytes(pending))
                    pending.clear()
            await asyncio.to_thread(kept.content.write, bytes(pending))
        except (ClientDisconnect, OSError, ValueError) as error:
            # Closed under our hands when the page went away; or the disk is full.
            page.files.drop(token)
            return JSONResponse({"error": f"the file was not received: {error}"}, 400)
        return JSONResponse({"file": token, "size": size})

    async def download(request: Request) -> Response:
        page = hub.pages.get(request.query_params.get("page", ""))
        try:
            if page is None:
                raise VishwakarmaError("this page is not connected any more")
            kept = page.files[request.path_params["token"]]
        except VishwakarmaError as error:
            return JSONResponse({"error": str(error)}, 404)
        name = quote(kept.name, safe="")
        return StreamingResponse(
            _pieces(kept.content),
            media_type="application/octet-stream",
            headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    async def socket(websocket: WebSocket) -> None:
        if len(hub.pages) >= _MOST_PAGES:
            await websocket.close(1013, "too many pages are open")
            return
        await websocket.accept()
        await Page(hub, websocket).serve()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        first = asyncio.ensure_future(_begin(hub))
        try:
            yield
        finally:
            await hub.close()
            await first

    routes = [
        Route("/", file),
        Route("/{name}", file),
        Route("/files/", upload, methods=["POST"]),
        Route("/files/{token}", download),
        WebSocketRoute("/socket/", socket),
    ]
    inner = Starlette(routes=routes, lifespan=lifespan)
    return Guard(inner, secret=secret, port=port)


async def _begin(hub: Hub) -> None:
    """Evaluate the blocks of the model that is open from the start."""
    try:
        await hub.act("Evaluate blocks", None, lambda _: hub.workspace.evaluate())
    except (VishwakarmaError, ringfence.RingfenceError) as error:
        hub.trouble = f"The blocks could not be evaluated: {error}"
        hub.tell()
    except asyncio.CancelledError:
        pass  # the server ended before it began


def _too_large(most: int) -> Response:
    return JSONResponse({"error": f"the file has more than {most} bytes"}, 413)


async def _pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    at = 0
    while True:
        data = await asyncio.to_thread(_read, content, at)
        if not data:
            return
        at += len(data)
        yield data


def _read(content: BinaryIO, at: int) -> bytes:
    content.seek(at)
    return content.read(_PIECE)
