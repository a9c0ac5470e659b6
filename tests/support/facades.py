"""Both façades behind one: a test is written once, and runs on the sync and on the async shell."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeVar

import ringfence
from ringfence_guest.protocol.report import Listing
from tests.support.guests import TestEngine

__all__ = ["FACADES", "Box", "Facade", "Files", "open_box"]

T = TypeVar("T")

Facade = Literal["sync", "async"]
FACADES: tuple[Facade, ...] = ("sync", "async")


class Box(Protocol):
    """What :class:`ringfence.Sandbox` is; the async one is used from outside its loop."""

    @property
    def limits(self) -> ringfence.Limits: ...
    @property
    def alive(self) -> bool: ...
    @property
    def run(self) -> Callable[..., ringfence.Result]: ...
    def call(self, name: str, /, *args: Any, **kwargs: Any) -> ringfence.Result: ...
    def call_with(self, name: str, *args: Any, **options: Any) -> ringfence.Result: ...
    @property
    def stream(self) -> Callable[..., Iterator[Any]]: ...
    @property
    def files(self) -> Files: ...
    def cancel(self) -> bool: ...
    def close(self) -> None: ...


class Files(Protocol):
    """The least that both kinds of ``files`` can do."""

    def __getitem__(self, name: str, /) -> bytes: ...
    def __setitem__(self, name: str, content: bytes, /) -> None: ...
    def __delitem__(self, name: str, /) -> None: ...
    def listing(self) -> Listing: ...
    def sizes(self) -> dict[str, int]: ...
    def refused(self) -> dict[str, str]: ...


class _Portal:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(120)

    def close(self) -> None:
        async def tidy() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self.loop.shutdown_asyncgens()
            await self.loop.shutdown_default_executor()

        self.wait(tidy())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


class _AwaitedFiles:
    """AsyncGuestFiles, awaited on the loop of a portal; from any thread but that."""

    def __init__(self, portal: _Portal, files: Any) -> None:
        self._portal = portal
        self._files = files

    def __getitem__(self, name: str) -> bytes:
        content: bytes = self._portal.wait(self._files.read(name))
        return content

    def __setitem__(self, name: str, content: bytes) -> None:
        self._portal.wait(self._files.write(name, content))

    def __delitem__(self, name: str) -> None:
        self._portal.wait(self._files.remove(name))

    def listing(self) -> Listing:
        listing: Listing = self._portal.wait(self._files.listing())
        return listing

    def sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = self._portal.wait(self._files.sizes())
        return sizes

    def refused(self) -> dict[str, str]:
        refused: dict[str, str] = self._portal.wait(self._files.refused())
        return refused


class AsyncBox:
    """An AsyncSandbox whose every step is awaited on another thread's loop."""

    def __init__(self, engine: TestEngine, options: dict[str, Any]) -> None:
        self.portal = _Portal()

        async def make() -> ringfence.AsyncSandbox:
            return await engine.async_sandbox(**options).start()

        self.sandbox = self.portal.wait(make())

    @property
    def limits(self) -> ringfence.Limits:
        return self.sandbox.limits

    @property
    def alive(self) -> bool:
        return self.sandbox.alive

    def run(self, code: str, **options: Any) -> ringfence.Result:
        return self.portal.wait(self.sandbox.run(code, **options))

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> ringfence.Result:
        return self.portal.wait(self.sandbox.call(name, *args, **kwargs))

    def call_with(self, name: str, *args: Any, **options: Any) -> ringfence.Result:
        return self.portal.wait(self.sandbox.call_with(name, *args, **options))

    def stream(self, code: str, **options: Any) -> Iterator[Any]:
        async def make() -> Any:
            return self.sandbox.stream(code, **options)

        events = self.portal.wait(make())

        async def step() -> Any:
            return await anext(events)

        try:
            while True:
                try:
                    event = self.portal.wait(step())
                except StopAsyncIteration:
                    return
                yield event
        finally:
            self.portal.wait(events.aclose())

    @property
    def files(self) -> Files:
        return _AwaitedFiles(self.portal, self.sandbox.files)

    def cancel(self) -> bool:
        return self.sandbox.cancel()

    def close(self) -> None:
        self.portal.wait(self.sandbox.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        finally:
            self.portal.close()


@contextlib.contextmanager
def open_box(facade: Facade, engine: TestEngine, **options: Any) -> Iterator[Box]:
    """A started sandbox on a test engine."""
    if facade == "sync":
        with engine.sandbox(**options) as box:
            yield box
    else:
        with AsyncBox(engine, options) as other:
            yield other
