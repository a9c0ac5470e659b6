"""Both clients behind one face, so that every test is of both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from typing import Any

import ringfence

__all__ = ["Awaited", "make_client"]


class Awaited:
    """Something asynchronous whose methods are waited for, on a loop of its own."""

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.__dict__["_inner"], self.__dict__["_loop"] = inner, loop

    def __getattr__(self, name: str) -> Any:
        return self._face(getattr(self._inner, name))

    def _face(self, found: Any) -> Any:
        if inspect.ismethod(found) or inspect.isfunction(found):
            return lambda *args, **kwargs: self._done(found(*args, **kwargs))
        return self._wrapped(found)

    def _done(self, given: Any) -> Any:
        if inspect.isawaitable(given):
            given = self._loop.run_until_complete(given)
        if isinstance(given, AsyncGenerator):
            return self._items(given)
        return self._wrapped(given)

    def _items(self, given: AsyncGenerator[Any, None]) -> Any:
        try:
            while True:
                try:
                    yield self._loop.run_until_complete(anext(given))
                except StopAsyncIteration:
                    return
        finally:
            if not self._loop.is_closed():
                self._loop.run_until_complete(given.aclose())

    def _wrapped(self, given: Any) -> Any:
        if type(given).__name__.startswith("Async"):
            return Awaited(given, self._loop)
        return given

    # --- what the synchronous face has otherwise ---------------------------------------------

    def __enter__(self) -> Any:
        self._done(self._inner.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._done(self._inner.__aexit__(None, None, None))

    def __getitem__(self, name: str) -> Any:
        return self._done(self._inner.read(name))

    def __setitem__(self, name: str, content: bytes) -> None:
        self._done(self._inner.write(name, content))

    def __delitem__(self, name: str) -> None:
        self._done(self._inner.remove(name))

    def __iter__(self) -> Any:
        return iter(self._done(self._inner.sizes()))

    def __repr__(self) -> str:
        return repr(self._inner)


def make_client(face: str, url: str, **options: Any) -> Any:
    """``Client``, or ``AsyncClient`` waited for."""
    if face == "sync":
        return ringfence.Client(url, **options)
    if "sleep" in options:
        sleep = options["sleep"]

        async def rest(seconds: float) -> None:
            sleep(seconds)

        options["sleep"] = rest
    return Awaited(ringfence.AsyncClient(url, **options), asyncio.new_event_loop())


def close_client(client: Any) -> None:
    """The end of it, and of its loop."""
    client.close()
    if isinstance(client, Awaited):
        client._loop.run_until_complete(client._loop.shutdown_asyncgens())
        client._loop.close()
