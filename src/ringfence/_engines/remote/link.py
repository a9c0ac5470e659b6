"""One WebSocket of a service: orders and answers, and the bytes of the guest behind it.

The shells poll a descriptor. They get one end of a socket pair; at the other end, on the loop of
this process, bytes go to and fro between the pair and the WebSocket, so that a turn is driven as
with a guest of this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
import weakref
from collections import deque
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ringfence._engines.remote.address import Address
from ringfence._engines.remote.loop import on_loop, remote_loop
from ringfence.engine import Exit, ResourceUse
from ringfence.errors import EngineFailure, EngineNotAvailable
from ringfence.model.from_json import MalformedJSON, parsed
from ringfence.model.guest_link import (
    GRANT,
    MOST_BYTES,
    MOST_TEXT,
    SUBPROTOCOL,
    WINDOW,
    read_order,
    write_order,
)
from ringfence.system.forks import call_in_forked_children

__all__ = ["Link", "Unreachable"]

_PATIENCE = 20.0
"""Seconds for a connection, and for an answer to what takes no image."""

_IMAGE_PATIENCE = 120.0
"""Seconds for an image: a service may have to make it."""

_FRESH = 0.02
"""Seconds for which nobody asks again what a guest has used; it is told with what it says, too."""

_CLOSING = 2.0
_MOST_REFUSAL = 16 << 10


class Unreachable(EngineNotAvailable):
    """The service cannot be reached, or does not let this client in; says why, and what helps.

    Attributes:
        reason: why.
        remedy: what would mend it.
    """

    def __init__(self, url: str, reason: str, remedy: str) -> None:
        super().__init__(f"{url}: {reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


class Link:
    """A connection. Made by :meth:`open`; everything else may be called from any thread.

    Attributes:
        hello: what the service said of its engine.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self.hello: dict[str, Any] = {}
        self._answers: deque[asyncio.Future[tuple[str, dict[str, Any]]]] = deque()
        self._outbox: deque[str] = deque()
        self._inbox: deque[bytes] = deque()
        self._shell_end, self._end = socket.socketpair()
        self._end.setblocking(False)
        self._credit = self._room = WINDOW
        self._ended = threading.Event()
        self._exit: Exit | None = None
        self._lost = "the connection to the service was lost"
        self._usage = ResourceUse(None, None)
        self._measuring, self._measured = False, 0.0
        self._spent: int | None = None
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._descriptor = -1
        self._owner = os.getpid()

    @classmethod
    def open(cls, address: Address) -> Link:
        """A connection to the service there, once it has said what it is.

        Raises:
            Unreachable: there is none to be had.
        """
        link = cls(address)

        async def begin() -> None:
            ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            link._task = asyncio.ensure_future(link._live(ready))
            await ready

        try:
            on_loop(begin()).result(_PATIENCE + _CLOSING)
        except Unreachable:
            link.close()
            raise
        except TimeoutError:
            link.close()
            raise Unreachable(
                address.url, f"it did not answer within {_PATIENCE:g} s", "is it overloaded?"
            ) from None
        _open_links.add(link)
        return link

    # --- for the guest -----------------------------------------------------------------------

    @property
    def shell_end(self) -> socket.socket:
        """Where the guest's bytes are."""
        return self._shell_end

    @property
    def usage(self) -> ResourceUse:
        """What the service last told; asks it to tell again."""
        fresh = time.monotonic() - self._measured < _FRESH
        if not fresh and not self._measuring and not self._ended.is_set():
            self._measuring = True
            self.order("measure")
        return self._usage

    @property
    def spent(self) -> int | None:
        """What the turn that ended used, if the service has told."""
        return self._spent

    def begin_turn(self, fuel: int | None) -> None:
        """Its instructions are counted from here on."""
        self._spent = None
        self.order("fuel", budget=fuel)

    def order(self, kind: str, /, **content: Any) -> None:
        """Say something that is not answered; what is sent to the guest later comes after it."""
        self._outbox.append(write_order(kind, **content))
        self._call(self._news.set)

    def ask(self, kind: str, /, *, wanted: str, **content: Any) -> dict[str, Any]:
        """Say something, and wait for what is answered.

        Raises:
            Refused: the service does not do it.
            EngineFailure: it does not answer, or has gone.
        """
        patience = _IMAGE_PATIENCE if kind == "open" else _PATIENCE

        async def asking() -> tuple[str, dict[str, Any]]:
            answer = asyncio.get_running_loop().create_future()
            if self._ended.is_set():
                raise EngineFailure(f"{self._address.url}: {self._lost}")
            self._answers.append(answer)
            self._outbox.append(write_order(kind, **content))
            self._news.set()
            return await asyncio.wait_for(answer, patience)

        try:
            got, answer = on_loop(asking()).result()
        except TimeoutError:
            self.close()
            raise EngineFailure(
                f"{self._address.url}: the service did not answer within {patience:g} s"
            ) from None
        if got == "refused":
            raise Refused(answer["error"], answer["detail"])
        if got != wanted:
            self.close()
            raise EngineFailure(f"{self._address.url}: it answered {got} to {kind}")
        return answer

    def exit(self, timeout: float) -> Exit | None:
        """How the guest ended, once it has."""
        if not self._ended.wait(timeout):
            return None
        return self._exit or Exit("Disconnected", self._lost)

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended."""
        return self._ended.is_set()

    def close(self) -> None:
        """End it, and the guest with it. May be called again."""
        if self._closed or self._owner != os.getpid():
            return
        self._closed = True
        _open_links.discard(self)
        self._shell_end.close()
        if self._task is not None:
            self._call(self._task.cancel)
        else:
            self._end.close()

    def drop_after_fork(self) -> None:
        """In a forked child: let go of the descriptors; the guest is the parent's."""
        self._closed = True
        self._shell_end.close()
        self._end.close()
        if self._descriptor >= 0:  # its number stays taken: the loop's objects think it is theirs
            null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
            os.dup2(null, self._descriptor, inheritable=False)
            os.close(null)

    def _call(self, what: Any) -> None:
        try:
            remote_loop().call_soon_threadsafe(what)
        except RuntimeError:
            pass  # the interpreter ends, and the loop before it

    # --- on the loop -------------------------------------------------------------------------

    async def _live(self, ready: asyncio.Future[None]) -> None:
        """The whole life of the connection."""
        self._news = asyncio.Event()
        self._taken = asyncio.Event()
        try:
            connection = await self._connect()
        except BaseException as error:
            self._ended.set()
            self._end.close()
            if not ready.done():
                told = error if isinstance(error, Unreachable) else asyncio.CancelledError()
                ready.set_exception(told)
            return
        self._descriptor = connection.transport.get_extra_info("socket").fileno()
        ready.set_result(None)
        passing = [asyncio.ensure_future(self._pass_out(connection))]
        passing.append(asyncio.ensure_future(self._pass_in()))
        try:
            await self._hear(connection)
            self._close_inbox()
            await passing[1]  # the last that the guest said reaches the shell
        except (MalformedJSON, _Broken) as error:
            self._lost = f"the service broke the protocol: {error}"
        except (WebSocketException, OSError) as error:
            self._lost = f"the connection to the service was lost: {_told(error)}"
        except asyncio.CancelledError:
            pass  # closed
        finally:
            for task in passing:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*passing, return_exceptions=True)
            self._end_all()
            connection.transport.abort()  # all was said: by the service, or to it

    def _end_all(self) -> None:
        self._ended.set()
        remote = asyncio.get_running_loop()
        remote.remove_reader(self._end)
        self._end.close()
        while self._answers:
            answer = self._answers.popleft()
            if not answer.done():
                answer.set_exception(EngineFailure(f"{self._address.url}: {self._lost}"))

    async def _connect(self) -> ClientConnection:
        address = self._address
        try:
            connection = await connect(
                address.socket,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                additional_headers=address.headers,
                compression=None,
                max_size=max(MOST_BYTES, MOST_TEXT),
                open_timeout=_PATIENCE,
                close_timeout=_CLOSING,
                proxy=None,
            )
        except InvalidStatus as error:
            raise _refusal(address.url, error) from None
        except TimeoutError:
            raise Unreachable(
                address.url, f"it did not answer within {_PATIENCE:g} s", "is it overloaded?"
            ) from None
        except (OSError, WebSocketException) as error:
            raise Unreachable(
                address.url, _told(error), "is a service running there? (ringfence serve)"
            ) from None
        try:
            if connection.subprotocol != SUBPROTOCOL:
                raise _Broken(f"it does not speak {SUBPROTOCOL}")
            text = await asyncio.wait_for(connection.recv(), _PATIENCE)
            kind, self.hello = read_order(text) if isinstance(text, str) else ("", {})
            if kind != "hello":
                raise _Broken("it did not say what it is")
        except (MalformedJSON, _Broken, WebSocketException, TimeoutError) as error:
            connection.transport.abort()
            raise Unreachable(
                address.url, _told(error), "is it a service of this version of Ringfence?"
            ) from None
        return connection

    async def _hear(self, connection: ClientConnection) -> None:
        """Take in what the service says, until it has said all."""
        async for message in connection:
            if isinstance(message, str):
                self._obey(*read_order(message))
                continue
            self._room -= len(message)
            if self._room < 0:
                raise _Broken("more bytes than it was granted")
            self._inbox.append(message)
            self._taken.set()
        if self._exit is None:
            self._lost = _closed_with(connection)

    def _obey(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "usage":
            self._measuring, self._measured = False, time.monotonic()
            self._usage = ResourceUse(content["cpu"], content["memory"])
        elif kind == "credit":
            self._credit += content["bytes"]
            if self._credit > WINDOW:
                raise _Broken("more credit than it was sent")
            self._news.set()
        elif kind == "spent":
            self._spent = content["fuel"]
        elif kind == "closed":
            self._close_inbox()
        elif kind == "exit":
            self._exit = Exit(**content)
            self._ended.set()
        elif kind in ("image", "started", "explained", "refused") and self._answers:
            answer = self._answers.popleft()
            if not answer.done():
                answer.set_result((kind, content))
        else:
            raise _Broken(f"{kind} where it says nothing")

    def _close_inbox(self) -> None:
        self._inbox.append(b"")
        self._taken.set()

    async def _pass_in(self) -> None:
        """From the service to the shell, which may take its time."""
        loop = asyncio.get_running_loop()
        granted = 0
        while True:
            while self._inbox:
                data = self._inbox.popleft()
                if not data:
                    self._end.shutdown(socket.SHUT_WR)
                    return
                try:
                    await loop.sock_sendall(self._end, data)
                except OSError:
                    return  # the shell is gone
                granted += len(data)
                if granted >= GRANT:
                    self._room += granted
                    self._outbox.append(write_order("credit", bytes=granted))
                    self._news.set()
                    granted = 0
            self._taken.clear()
            if not self._inbox:
                await self._taken.wait()

    async def _pass_out(self, connection: ClientConnection) -> None:
        """From the shell to the service: orders before the bytes that were written after them."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                data = self._read()
                while self._outbox:
                    await connection.send(self._outbox.popleft())
                if data:
                    self._credit -= len(data)
                    await connection.send(data)
                    continue
                if data is None and self._credit:
                    loop.add_reader(self._end, self._readable)
                await self._news.wait()
                self._news.clear()
        except (WebSocketException, OSError):
            pass  # whoever hears is told as well

    def _read(self) -> bytes | None:
        """Some bytes of the shell's; None if there are none now, nothing if there never will be."""
        if not self._credit:
            return b""
        try:
            return self._end.recv(min(self._credit, MOST_BYTES))
        except BlockingIOError:
            return None

    def _readable(self) -> None:
        asyncio.get_running_loop().remove_reader(self._end)
        self._news.set()


class Refused(Exception):
    """The service does not do what it was asked.

    Attributes:
        error: which exception that is here.
        detail: why.
    """

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail


class _Broken(Exception):
    """The service does not keep to the protocol."""


def _told(error: BaseException) -> str:
    """One line about what a library raised."""
    text = " ".join(str(error).split())[:300]
    return text or type(error).__name__


def _closed_with(connection: ClientConnection) -> str:
    reason = " ".join((connection.close_reason or "").split())[:300]
    return f"the service closed the connection: {reason}" if reason else "the service has gone"


def _refusal(url: str, error: InvalidStatus) -> Unreachable:
    """What a service answers that does not open a WebSocket: a problem, if it is one of ours."""
    response = error.response
    detail = ""
    with contextlib.suppress(MalformedJSON):
        body = parsed(bytes(response.body or b"")[:_MOST_REFUSAL], limit=_MOST_REFUSAL)
        told = body.get("detail") if type(body) is dict else None
        detail = " ".join(told.split())[:500] if type(told) is str else ""
    reason = f"it answers {response.status_code}" + (f": {detail}" if detail else "")
    if response.status_code in (401, 403):
        return Unreachable(url, reason, "set RINGFENCE_API_KEY, or pass RemoteEngine(url, key=…)")
    return Unreachable(url, reason, "is it a service that lends guests?")


_open_links: weakref.WeakSet[Link] = weakref.WeakSet()


def _drop_all_after_fork() -> None:
    for link in list(_open_links):
        link.drop_after_fork()
    _open_links.clear()


call_in_forked_children(_drop_all_after_fork)
