"""A forwarder on loopback that adds a key to each request: for clients that cannot send one.

Everything else goes through as it came, ``Host`` and ``Origin`` too.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def forwarding(outer: int, port: int, key: str) -> AsyncIterator[None]:
    """A forwarder from one port of this machine to another."""

    under_way: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        sending: asyncio.Task[None] | None = None
        try:
            # One request for each connection: the answer says so, and the client opens another.
            head = await reader.readuntil(b"\r\n\r\n")
            head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head)
            added = f"\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode()
            inner_writer.write(head.removesuffix(b"\r\n\r\n") + added)
            sending = asyncio.create_task(_pump(reader, inner_writer))
            await _pump(inner_reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two has gone
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            inner_writer.close()
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(forward(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", outer)
    async with server:
        yield
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
