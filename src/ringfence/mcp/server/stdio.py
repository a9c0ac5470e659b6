"""MCP over standard input and output: one client, whose end is the server's.

Standard output carries frames and nothing else: whatever else this process or a child of it writes
there goes to standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
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
    from ringfence.mcp.server.settings import McpSettings
    from ringfence.mcp.server.wire import Wire

__all__ = ["CLIENT", "serve_stdio"]

CLIENT = "stdio"
"""The one client there is."""

_PIECE = 1 << 16


def serve_stdio(
    settings: McpSettings, wire: Wire, warn: Callable[[str], object] = lambda text: None
) -> None:
    """Serve until the client closes its end, SIGTERM or Ctrl-C.

    Args:
        settings: what the operator decided.
        wire: as :func:`ringfence.mcp.server.wire.claimed` gives it.
        warn: is told what was left out of the configuration.

    Raises:
        RingfenceError: a part of it cannot be had.
    """
    asyncio.run(_serve(settings, wire, warn))


async def _serve(settings: McpSettings, wire: Wire, warn: Callable[[str], object]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with opened(settings, warn) as parts:
        server = server_of(parts, lambda ctx: CLIENT)
        async with _streams(wire, settings.request_bytes) as (incoming, outgoing):
            options = server.create_initialization_options()
            serving = asyncio.create_task(server.run(incoming, outgoing, options))
            stopping = asyncio.create_task(stopped.wait())
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            for one in (serving, stopping):
                one.cancel()
            await asyncio.gather(serving, stopping, return_exceptions=True)


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

    async def write() -> None:
        async for message in get:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            data = f"{text}\n".encode("utf-8", "replace")
            try:
                await loop.run_in_executor(None, _write, wire.outgoing, data)
            except OSError:  # nobody reads: the end of its other half says so, too
                await put.aclose()
                return

    reader = threading.Thread(
        target=_read, args=(wire.incoming, most, deliver), name="ringfence-mcp-stdin", daemon=True
    )
    reader.start()
    writing = asyncio.create_task(write())
    try:
        yield incoming, outgoing
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        put.close()


def _read(
    descriptor: int, most: int, deliver: Callable[[SessionMessage | Exception | None], bool]
) -> None:
    """Lines, each at most so long: what is longer is dropped as it comes, and told."""
    line, too_long = bytearray(), False
    while True:
        try:
            piece = os.read(descriptor, _PIECE)
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


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        check_json(line)
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except Exception as error:  # whatever it is, it is no message
        return ValueError(f"no message: {type(error).__name__}")


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
