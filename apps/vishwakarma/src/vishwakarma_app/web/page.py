"""One page that is open in a browser: what it asks for, and what it is told.

A page is a WebSocket. It asks in JSON, one thing after the other, and is answered in that order;
``cancel`` alone is heard at once. It is told what is new when it is ready for more: a page that
reads slowly sees fewer intermediate states and holds nobody up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

import ringfence
from ringfence.errors import ConsentNeeded
from vishwakarma_app.errors import ExtensionFailed, ExtensionRefused, VishwakarmaError
from vishwakarma_app.extensions import Extension, Outcome
from vishwakarma_app.web.asking import Asked, AskedWrongly
from vishwakarma_app.web.files import Files, Kept
from vishwakarma_app.web.hub import Activity, Hub
from vishwakarma_app.web.showing import Showing

__all__ = ["Page"]

Json = dict[str, Any]
_MOST_WAITING = 100
_MOST_SAID = 4_000


class Page:
    """A page, from when its socket opens until it closes.

    Attributes:
        token: names it in the addresses of its files; nobody else knows it.
        files: what it has sent, and what it may fetch.
        news: set when there may be something new to tell.
    """

    def __init__(self, hub: Hub, socket: WebSocket) -> None:
        self.token = secrets.token_urlsafe(16)
        self.files = Files()
        self.news = asyncio.Event()
        self._hub, self._socket = hub, socket
        self._workspace = hub.workspace
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(_MOST_WAITING)
        self._showing = Showing()
        self._told: dict[str, str] = {}
        self._revision = -1
        self._sending = asyncio.Lock()
        self._show_now = asyncio.Event()

    async def serve(self) -> None:
        """Serve it until it is closed; then all that it asked for ends."""
        self._hub.pages[self.token] = self
        self.news.set()
        tasks: list[Coroutine[Any, Any, None]] = [
            self._hear(),
            self._answer(),
            self._tell(),
            self._show(),
        ]
        running = [asyncio.ensure_future(one) for one in tasks]
        try:
            await self._say({"hello": self._hello()})
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                with contextlib.suppress(WebSocketDisconnect):
                    one.result()
        except WebSocketDisconnect:
            pass  # before it was greeted
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self._hub.leave(self)
            self.files.close()

    # -- what it is told

    def _hello(self) -> Json:
        return {
            "page": self.token,
            **self._hub.shelf.offered(),
        }

    async def _say(self, message: Json) -> None:
        async with self._sending:
            await self._socket.send_text(json.dumps(message, allow_nan=False))

    async def _tell(self) -> None:
        """Progress, while the working thread is busy."""
        while True:
            await self.news.wait()
            self.news.clear()
            self._show_now.set()
            activity = self._hub.activity
            doing = None
            if activity is not None:
                doing = {
                    "title": activity.title,
                    "mine": activity.owner is self,
                    "fraction": activity.fraction,
                    "message": activity.message,
                }
            await self._tell_if_new("activity", doing)
            await self._tell_if_new("trouble", self._hub.trouble)
            await self._tell_if_new("offered", self._hub.shelf.offered())

    async def _tell_if_new(self, what: str, value: object) -> None:
        text = json.dumps(value, allow_nan=False)
        if self._told.get(what) != text:
            self._told[what] = text
            async with self._sending:
                await self._socket.send_text(f'{{"{what}": {text}}}')

    async def _show(self) -> None:
        """The state and the drawing, whenever the working thread has time for it."""
        while True:
            await self._show_now.wait()
            self._show_now.clear()
            while (step := await self._hub.work(self._step)) is not None:
                state, frame = step
                if state is not None:
                    await self._tell_if_new("state", state)
                if frame is not None:
                    async with self._sending:
                        await self._socket.send_bytes(frame)

    def _step(self) -> tuple[Json | None, bytes | None] | None:
        """In the working thread: what is new since the last time, or None."""
        workspace = self._workspace
        state = None
        if self._revision != workspace.revision:
            self._revision = workspace.revision
            state = workspace.state()
        frame = self._showing.next_frame(workspace.document, workspace.revision)
        return None if state is None and frame is None else (state, frame)

    # -- what it asks for

    async def _hear(self) -> None:
        while True:
            try:
                asked = Asked(await self._socket.receive_text())
            except (AskedWrongly, KeyError) as error:
                await self._close(str(error))
                return
            if asked.what == "cancel":
                if self._hub.activity is not None:
                    await self._hub.cancel(self._hub.activity)
                await self._say({"answer": asked.number, "value": None})
                continue
            try:
                self._asked.put_nowait(asked)
            except asyncio.QueueFull:
                await self._close("too many messages at once")
                return

    async def _close(self, reason: str) -> None:
        await self._socket.close(1008, reason[:100])

    async def _answer(self) -> None:
        while True:
            asked = await self._asked.get()
            try:
                do = _VERBS.get(asked.what)
                if do is None:
                    raise AskedWrongly(f"there is no {asked.what!r}")
                answer: Json = {"value": await do(self, asked)}
            except (VishwakarmaError, ringfence.RingfenceError) as error:
                answer = {"error": str(error)[:_MOST_SAID]}
                if isinstance(error, ExtensionFailed):
                    answer |= {"status": error.status, "line": error.line}
                if isinstance(error, ConsentNeeded):
                    answer |= {"asks": list(error.grants)}
            except OSError as error:
                answer = {"error": f"{error.filename or 'the system'}: {error.strerror or error}"}
            except (asyncio.CancelledError, WebSocketDisconnect):
                raise
            except Exception as error:
                # A fault of ours: the person is told, whoever started the server sees where, and
                # the page goes on.
                traceback.print_exception(error)
                name = type(error).__name__
                answer = {"error": f"the application failed ({name}); its terminal says where"}
            await self._say(
                {"answer": asked.number, "revision": self._workspace.revision, **answer}
            )

    async def _act(self, title: str, work: Callable[[], Any]) -> Any:
        return await self._hub.act(title, self, lambda _: work())

    @contextlib.contextmanager
    def _used(self, token: str) -> Iterator[None]:
        """A file that is wanted once. When the page is closed meanwhile, what reads it has not
        ended yet; the file goes with the page's others.
        """
        try:
            yield
        except Exception:
            self.files.drop(token)
            raise
        self.files.drop(token)

    async def _new(self, asked: Asked) -> None:
        unit = asked.text("unit", most=10)
        await self._act("New model", lambda: self._workspace.new(unit))

    async def _open(self, asked: Asked) -> None:
        token = asked.text("file")
        kept = self.files[token]

        def work() -> None:
            kept.content.seek(0)
            self._workspace.open(kept.content.read(), kept.name)
            self._workspace.evaluate()

        with self._used(token):
            await self._act(f"Open {kept.name}", work)

    async def _save(self, asked: Asked) -> Json:
        """Where it came from; else, or if a copy is wanted, as a file to fetch."""
        copy = asked.text("copy", default="")
        if not copy and await self._act("Save", self._workspace.save):
            return {"saved": True}
        token, kept = self.files.new("model.vk")
        name = await self._act("Save", lambda: self._workspace.write_copy(kept.content))
        self.files.rename(token, name)
        return {"file": token, "name": self.files[token].name}

    async def _select(self, asked: Asked) -> None:
        ids = asked.ids("ids")
        await self._act("Select", lambda: self._workspace.select(ids))

    async def _undo(self, asked: Asked) -> Any:
        del asked
        return await self._act("Undo", self._workspace.undo)

    async def _redo(self, asked: Asked) -> Any:
        del asked
        return await self._act("Redo", self._workspace.redo)

    async def _parameters(self, asked: Asked) -> None:
        element, values = asked.id("element"), asked.values("values")
        drag = asked.text("drag", default="")
        if drag:
            drag = f"{self.token} {drag}"
        await self._act(
            "Evaluate blocks", lambda: self._workspace.set_parameters(element, values, drag)
        )

    async def _update(self, asked: Asked) -> None:
        element, changes = asked.id("element"), asked.values("changes")
        await self._act("Change", lambda: self._workspace.update(element, changes))

    async def _delete(self, asked: Asked) -> Any:
        ids = asked.ids("ids")
        return await self._act("Delete", lambda: self._workspace.delete(ids))

    async def _layer(self, asked: Asked) -> None:
        name, changes = asked.text("name"), asked.values("changes")
        if unknown := changes.keys() - {"color", "visible"}:
            raise AskedWrongly(f"a layer has no {min(unknown)!r}")
        await self._act("Change a layer", lambda: self._workspace.set_layer(name, changes))

    async def _insert(self, asked: Asked) -> Any:
        block, x, y = asked.text("block"), asked.float("x"), asked.float("y")
        return await self._act(f"Insert {block}", lambda: self._workspace.insert(block, x, y))

    async def _describe(self, asked: Asked) -> Any:
        return await self._hub.work(self._workspace.describe, asked.id("element"))

    async def _source(self, asked: Asked) -> Any:
        return await self._hub.work(self._workspace.definition, asked.text("block"))

    # -- extensions

    async def _import(self, asked: Asked) -> Json:
        extension = await self._extension(asked, "importer")
        token = asked.text("file")
        kept = self.files[token]
        kept.content.seek(0)
        with self._used(token):
            return _outcome(await self._run(asked, extension, source=kept))

    async def _export(self, asked: Asked) -> Json:
        extension = await self._extension(asked, "exporter")
        stem = self._workspace.name.removesuffix(".vk")
        token, kept = self.files.new(stem + (extension.suffixes or ("",))[0])
        try:
            outcome = await self._run(asked, extension, target=kept)
        except Exception:
            self.files.drop(token)
            raise
        return {**_outcome(outcome), "file": token, "name": kept.name}

    async def _command(self, asked: Asked) -> Json:
        return _outcome(await self._run(asked, await self._extension(asked, "command")))

    async def _search(self, asked: Asked) -> Json:
        query = asked.text("query", most=200)
        return await asyncio.to_thread(self._hub.shelf.search, query)

    async def _install(self, asked: Asked) -> Json:
        name, workshop = asked.text("name", most=64), asked.text("workshop", most=2_000)
        return await self._hub.stock(self._hub.shelf.install, name, workshop, asked.texts("agreed"))

    async def _upgrade(self, asked: Asked) -> Json:
        name = asked.text("name", most=64)
        return await self._hub.stock(self._hub.shelf.update, name, asked.texts("agreed"))

    async def _uninstall(self, asked: Asked) -> None:
        await self._hub.stock(self._hub.shelf.remove, asked.text("name", most=64))

    async def _refresh(self, asked: Asked) -> Json:
        del asked
        return await self._hub.stock(self._hub.shelf.refresh)

    async def _extension(self, asked: Asked, kind: str) -> Extension:
        name = asked.text("extension")
        known = self._workspace.catalogue.extensions.get(name)
        if known is None or known.kind != kind:
            raise ExtensionRefused(f"there is no {kind} {name[:40]!r}")
        try:
            found = await asyncio.to_thread(self._hub.shelf.extension, name)
        except ExtensionRefused:
            self._hub.tell()  # it is not offered any more
            raise
        if found.kind != kind:
            raise ExtensionRefused(f"there is no {kind} {name[:40]!r}")
        return found

    async def _run(
        self,
        asked: Asked,
        extension: Extension,
        *,
        source: Kept | None = None,
        target: Kept | None = None,
    ) -> Outcome:
        parameters = asked.values("parameters")

        def work(activity: Activity) -> Outcome:
            return self._workspace.run(
                extension,
                parameters,
                progress=activity.tell,
                cancellation=activity.cancellation,
                source=source.content if source else None,
                target=target.content if target else None,
            )

        return await self._hub.act(extension.title, self, work)


_VERBS: dict[str, Callable[[Page, Asked], Awaitable[Any]]] = {
    "new": Page._new,
    "open": Page._open,
    "save": Page._save,
    "select": Page._select,
    "undo": Page._undo,
    "redo": Page._redo,
    "parameters": Page._parameters,
    "update": Page._update,
    "delete": Page._delete,
    "layer": Page._layer,
    "insert": Page._insert,
    "describe": Page._describe,
    "source": Page._source,
    "import": Page._import,
    "export": Page._export,
    "command": Page._command,
    "search": Page._search,
    "install": Page._install,
    "upgrade": Page._upgrade,
    "uninstall": Page._uninstall,
    "refresh": Page._refresh,
}


def _outcome(outcome: Outcome) -> Json:
    return {
        "created": outcome.created,
        "updated": outcome.updated,
        "deleted": outcome.deleted,
        "said": outcome.stdout[:_MOST_SAID],
        "engine": outcome.engine,
    }
