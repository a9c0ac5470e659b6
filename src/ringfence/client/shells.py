"""Doing what flows ask for, over HTTP by httpx: once waiting, once awaiting."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from ringfence.client.flow import Flow
from ringfence.client.following import Following
from ringfence.client.messages import Answer, Pause, Request, Unreached
from ringfence.errors import ConfigurationError, ServiceError
from ringfence.model import Display, Output, Progress, Result

__all__ = ["AsyncShell", "Shell", "address_of", "key_of"]

T = TypeVar("T")

Item = Output | Display | Progress | Result

_CONNECT = 10.0
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
_KEY = re.compile(r"[!-~]{1,512}", re.ASCII)


def address_of(url: str | None) -> str:
    """Where a service is: as given, or ``RINGFENCE_URL``.

    Raises:
        ConfigurationError: nowhere, or it is no address.
    """
    if url is None:
        url = os.environ.get("RINGFENCE_URL")
        if not url:
            raise ConfigurationError("url= is missing, and RINGFENCE_URL does not say it either")
    wrong = f"url={url!r} is no address of a service; write http://host:port"
    if not isinstance(url, str):
        raise ConfigurationError(wrong)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ConfigurationError(wrong) from None
    if not usable:
        raise ConfigurationError(wrong)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("url= has a user or a password; the key goes into key=")
    if parts.query or parts.fragment:
        raise ConfigurationError("url= is the address of a service, without a query")
    return url.rstrip("/")


def key_of(key: str | None) -> str:
    """The API key: as given, or ``RINGFENCE_API_KEY``; empty without one.

    Raises:
        ConfigurationError: it is none; the message does not show it.
    """
    if key is None:
        key = os.environ.get("RINGFENCE_API_KEY", "")
    if key and not _KEY.fullmatch(key):
        raise ConfigurationError("the key is none: it has characters that no key has")
    return key


def _options(url: str, key: str) -> dict[str, Any]:
    """Of httpx' clients."""
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    return {
        "base_url": url,
        "headers": headers,
        "timeout": httpx.Timeout(30.0, connect=_CONNECT),
        "follow_redirects": False,
    }


def _arguments(request: Request) -> dict[str, Any]:
    """Of httpx' ``stream``."""
    headers = {name: value for name, value in request.headers.items() if value}
    return {
        "method": request.method,
        "url": request.path,
        "params": dict(request.query) or None,
        "headers": headers,
        "content": request.body or None,
        "timeout": httpx.Timeout(request.seconds, connect=_CONNECT),
    }


def _unreached(error: httpx.HTTPError) -> Unreached:
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return Unreached(reason, not isinstance(error, _NEVER_SENT))


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


class _Taken:
    """An answer's body, as far as one may be taken."""

    def __init__(self, request: Request) -> None:
        self._most = request.most
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            raise ServiceError("", f"the service answered more than {self._most} bytes")
        self._parts.append(piece)

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)


class Shell:
    """Drives flows, and waits.

    Args:
        url: of the service.
        key: empty for none.
        sleep: waits so many seconds.
    """

    def __init__(self, url: str, key: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self._http = httpx.Client(**_options(url, key))
        self._sleep = sleep

    def drive(self, flow: Flow[T]) -> T:
        """What it comes to."""
        given: Any = None
        while True:
            try:
                asked = flow.send(given)
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(asked, Pause):
                self._sleep(asked.seconds)
                given = None
            else:
                given = self._ask(asked)

    def _ask(self, request: Request) -> Answer | Unreached:
        taken = _Taken(request)
        try:
            with self._http.stream(**_arguments(request)) as answer:
                for piece in answer.iter_raw():
                    taken.add(piece)
                return Answer(answer.status_code, _headers(answer), taken.body)
        except httpx.HTTPError as error:
            return _unreached(error)

    def follow(self, following: Following) -> Generator[Item, None, None]:
        """What happens in a run, as it does; who leaves early ends it."""
        try:
            yield from self._follow(following)
        finally:
            left = following.leave()
            if left is not None and not self._http.is_closed:
                self._ask(left)  # if it does not arrive, the service ends the run a while later

    def _follow(self, following: Following) -> Generator[Item, None, None]:
        while not following.over():
            request = following.request()
            try:
                with self._http.stream(**_arguments(request)) as answer:
                    if answer.status_code == 200:
                        for piece in answer.iter_raw():
                            yield from following.feed(piece)
                            if following.over():
                                return
                        wait = following.broken(Unreached("the events ended too early", True))
                    else:
                        taken = _Taken(request)
                        for piece in answer.iter_raw():
                            taken.add(piece)
                        wait = following.refused(
                            Answer(answer.status_code, _headers(answer), taken.body)
                        )
            except httpx.HTTPError as error:
                wait = following.broken(_unreached(error))
            self._sleep(wait)

    def close(self) -> None:
        """End its connections."""
        self._http.close()


class AsyncShell:
    """Drives flows, and awaits.

    Args:
        url: of the service.
        key: empty for none.
        sleep: waits so many seconds.
    """

    def __init__(
        self, url: str, key: str, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._http = httpx.AsyncClient(**_options(url, key))
        self._sleep = sleep

    async def drive(self, flow: Flow[T]) -> T:
        """What it comes to."""
        given: Any = None
        while True:
            try:
                asked = flow.send(given)
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(asked, Pause):
                await self._sleep(asked.seconds)
                given = None
            else:
                given = await self._ask(asked)

    async def _ask(self, request: Request) -> Answer | Unreached:
        taken = _Taken(request)
        try:
            async with self._http.stream(**_arguments(request)) as answer:
                async for piece in answer.aiter_raw():
                    taken.add(piece)
                return Answer(answer.status_code, _headers(answer), taken.body)
        except httpx.HTTPError as error:
            return _unreached(error)

    async def follow(self, following: Following) -> AsyncGenerator[Item, None]:
        """What happens in a run, as it does; who leaves early ends it."""
        try:
            async with contextlib.aclosing(self._follow(following)) as items:
                async for item in items:
                    yield item
        finally:
            left = following.leave()
            if left is not None and not self._http.is_closed:
                await self._ask(left)  # if it does not arrive, the service ends it a while later

    async def _follow(self, following: Following) -> AsyncGenerator[Item, None]:
        while not following.over():
            request = following.request()
            try:
                async with self._http.stream(**_arguments(request)) as answer:
                    if answer.status_code == 200:
                        async with contextlib.aclosing(answer.aiter_raw()) as pieces:  # type: ignore[type-var]
                            async for piece in pieces:
                                for item in following.feed(piece):
                                    yield item
                                if following.over():
                                    return
                        wait = following.broken(Unreached("the events ended too early", True))
                    else:
                        taken = _Taken(request)
                        async for piece in answer.aiter_raw():
                            taken.add(piece)
                        wait = following.refused(
                            Answer(answer.status_code, _headers(answer), taken.body)
                        )
            except httpx.HTTPError as error:
                wait = following.broken(_unreached(error))
            await self._sleep(wait)

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()
