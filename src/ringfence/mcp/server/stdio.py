"""MCP over standard input and output: one client, whose end is the server's.

Standard output carries frames and nothing else: whatever else this process or a child of it writes
there goes to standard error. Both ends have a thread of their own, which blocks instead of the
loop, and which nobody waits for at the end: a client that does not read holds up nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import select
import signal
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.shared._context_streams import create_context_streams
from mcp.shared.message import SessionMessage

from ringfence.mcp.server.application import opened
from ringfence.mcp.server.handlers import server_of
from ringfence.server.json_bodies import check_json

if TYPE_CHECKING:
    from ringfence.errors import RingfenceError
    from ringfence.mcp.server.preparing import Prepared
    from ringfence.mcp.server.wire import Wire

__all__ = ["CLIENT", "serve_stdio"]

CLIENT = "stdio"
"""The one client there is."""

_PIECE = 1 << 16
_MOST_UNREAD = 32 << 20
"""Bytes of answers that the client did not read: beyond, nothing more of it is read, either."""
_MOMENT = 0.5
_STORE_SECONDS = 1.0
"""After which the database is opened, if nobody has needed it."""


def serve_stdio(
    prepared: Prepared, wire: Wire, warn: Callable[[str], object] = lambda text: None
) -> None:
    """Serve until the client closes its end, SIGTERM or Ctrl-C.

    Args:
        prepared: what the server is made of.
        wire: as :func:`ringfence.mcp.server.wire.claimed` gives it.
        warn: is told what was left out of the configuration.

    Raises:
        RingfenceError: a part of it cannot be had.
    """
    asyncio.run(_serve(prepared, wire, warn))


async def _serve(prepared: Prepared, wire: Wire, warn: Callable[[str], object]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with opened(prepared, warn, late=True) as parts:
        server = server_of(parts, lambda ctx: CLIENT)
        # Without a database, it never says that it is in trouble.
        late, trouble = parts.late_store, loop.create_future()
        if late is not None:
            trouble = late.trouble
            loop.call_later(_STORE_SECONDS, late.begin)
        async with _streams(wire, prepared.settings.request_bytes) as (incoming, outgoing):
            options = server.create_initialization_options()
            serving = asyncio.create_task(server.run(incoming, outgoing, options))
            stopping = asyncio.create_task(stopped.wait())
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait([serving, stopping, trouble], return_when=first)
            for one in (serving, stopping):
                one.cancel()
            await asyncio.gather(serving, stopping, return_exceptions=True)
        if trouble.done() and not stopped.is_set():
            found: RingfenceError = trouble.result()
            raise found


@contextlib.asynccontextmanager
async def _streams(wire: Wire, most: int) -> AsyncIterator[tuple[Any, Any]]:
    """The SDK's streams over the wire. The client's end is the end of the first."""
    put, incoming = create_context_streams[SessionMessage | Exception](0)
    outgoing, get = create_context_streams[SessionMessage](0)
    loop = asyncio.get_running_loop()

    def deliver(item: SessionMessage | Exception | None) -> bool:
        """From the reader's thread: whether somebody took it. It waits, so nothing piles up."""

        async def send() -> None:
            if item is None:
                await put.aclose()
            else:
                await put.send(item)

        try:
            asyncio.run_coroutine_threadsafe(send(), loop).result()
        except BaseException:  # nobody reads any more: the server ends
            return False
        return True

    def unread() -> None:
        """From the writer's thread: nobody reads. The end of its other half says so, too."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(put.close)

    writer = _Writer(wire.outgoing, unread)

    async def write() -> None:
        async for message in get:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            writer.put(f"{text}\n".encode("utf-8", "replace"))

    for target in (
        writer.work,
        lambda: _read(wire.incoming, most, deliver, writer.has_room),
    ):
        threading.Thread(target=target, name="ringfence-mcp-stdio", daemon=True).start()
    writing = asyncio.create_task(write())
    try:
        yield incoming, outgoing
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        put.close()


class _Writer:
    """Writes frames in their order, as fast as somebody reads them.

    Args:
        descriptor: to write to.
        unread: called from :meth:`work` when nobody reads any more.
    """

    def __init__(self, descriptor: int, unread: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._unread = unread
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._size = 0
        self._changed = threading.Condition()

    def put(self, frame: bytes) -> None:
        """Write it when it is its turn; never blocks."""
        with self._changed:
            self._size += len(frame)
        self._frames.put(frame)

    def has_room(self) -> bool:
        """Whether enough was read; waits a moment for that to be so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._size <= _MOST_UNREAD, _MOMENT)

    def work(self) -> None:
        """Write until nobody reads. Of a thread of its own."""
        while True:
            frame = self._frames.get()
            left = memoryview(frame)
            try:
                while left:
                    left = left[os.write(self._descriptor, left) :]
            except OSError:
                self._unread()
                return
            with self._changed:
                self._size -= len(frame)
                self._changed.notify_all()


def _read(
    descriptor: int,
    most: int,
    deliver: Callable[[SessionMessage | Exception | None], bool],
    has_room: Callable[[], bool],
) -> None:
    """Lines, each at most so long: what is longer is dropped as it comes, and told."""
    line, too_long = bytearray(), False
    while True:
        while not (room := has_room()) and not _is_closed(descriptor):
            pass  # whoever reads nothing is not heard, either
        try:
            piece = os.read(descriptor, _PIECE) if room else b""
        except OSError:
            piece = b""
        if not piece:
            deliver(None)
            return
        *ended, rest = piece.split(b"\n")
        for part in ended:
            if too_long or len(line) + len(part) > most:
                item: SessionMessage | Exception = ValueError("a message is too long")
            else:
                item = _message(bytes(line + part))
            line, too_long = bytearray(), False
            if not deliver(item):
                return
        too_long = too_long or len(line) + len(rest) > most
        line = bytearray() if too_long else line + rest


def _is_closed(descriptor: int) -> bool:
    """Whether the other end is closed, even if there is something to read still."""
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    return bool(poll.poll(0))


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        check_json(line)
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except Exception as error:  # whatever it is, it is no message
        return ValueError(f"no message: {type(error).__name__}")
