"""Bytes to and fro between a guest and the WebSocket that it was lent over."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ringfence.engine import Exit, Guest
from ringfence.model.guest_link import GRANT, MOST_BYTES, WINDOW, read_order, write_order
from ringfence.server.guests.ceilings import Ceilings, Watch

__all__ = ["BrokenLink", "Relay"]

_LOOK = 1.0
"""Seconds between two looks at what the guest uses."""

_EXIT_PATIENCE = 1.5
"""Seconds for how a guest ended, whose channel is closed; a client waits for a little more."""

_SEND_PATIENCE = 30.0
"""Seconds until a client has taken a message; it is granted no more than it reads."""

_MOST_ORDERS = 2_000
"""Orders of a client in :data:`_LOOK` seconds."""


class BrokenLink(Exception):
    """The client does not keep to the protocol; says how."""


class Relay:
    """One guest and its client, from ``started`` to the end of either.

    Args:
        socket: the client's.
        guest: the guest; whoever made it closes it.
        ceilings: what holds, whatever the client does.
        barred: asked now and then why the client may not have it any more; None while it may.
    """

    def __init__(
        self,
        socket: WebSocket,
        guest: Guest,
        ceilings: Ceilings,
        barred: Callable[[], Awaitable[str | None]],
    ) -> None:
        self._socket, self._guest = socket, guest
        self._barred = barred
        self._channel = guest.channel
        self._watch = Watch(ceilings, time.monotonic())
        self._inbox: deque[memoryview] = deque()
        self._taken = asyncio.Event()
        self._granted = asyncio.Event()
        self._credit = self._room = WINDOW
        self._orders = 0
        self._sending = asyncio.Lock()
        self._over: Exit | None = None
        self._told: tuple[float | None, int | None] | None = None

    @property
    def cpu(self) -> float:
        """CPU seconds that the guest was seen to use."""
        return self._watch.cpu

    async def run(self) -> None:
        """Move bytes until the guest or the client has ended.

        Raises:
            BrokenLink, MalformedJSON: the client broke the protocol.
            WebSocketDisconnect: it has gone.
        """
        work = [self._pass_in(), self._hear(), self._pass_out(), self._look()]
        tasks = [asyncio.ensure_future(one) for one in work]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            self._note_cpu()
        for error in done:
            if isinstance(error, Exception):
                raise error

    # --- the client --------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Take in what the client sends; it always can, for it sends no more than was granted."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1006))
            data = message.get("bytes")
            if data is None:
                self._obey(*read_order(message.get("text") or ""))
                continue
            self._room -= len(data)
            if self._room < 0:
                raise BrokenLink("more bytes than were granted")
            self._watch.heard()
            self._watch.moved(len(data), time.monotonic())
            if data:
                self._inbox.append(memoryview(data))
                self._taken.set()

    def _obey(self, kind: str, content: dict[str, Any]) -> None:
        self._orders += 1
        if self._orders > _MOST_ORDERS:
            raise BrokenLink("more orders than a client needs")
        if kind == "credit":
            self._credit += content["bytes"]
            if self._credit > WINDOW:
                raise BrokenLink("more credit than bytes were sent")
            self._granted.set()
        elif kind == "measure":
            self._told = None
            self._granted.set()
        elif kind == "stop":
            self._guest.stop(content["how"])
        elif kind == "pause":
            self._guest.pause()
        elif kind == "resume":
            self._guest.resume()
        elif kind == "fuel" and self._guest.meter is not None:
            self._guest.meter.begin(content["budget"])
        else:
            raise BrokenLink(f"{kind} where it is none")

    async def _say(self, kind: str, /, **content: Any) -> None:
        async with self._sending, asyncio.timeout(_SEND_PATIENCE):
            await self._socket.send_text(write_order(kind, **content))

    # --- the guest ---------------------------------------------------------------------------

    async def _pass_in(self) -> None:
        """From the client to the guest, which may take its time."""
        passed = 0
        while True:
            while self._inbox:
                data = self._inbox.popleft()
                size = len(data)
                while data:
                    try:
                        data = data[self._channel.send([data]) :]
                    except BlockingIOError:
                        await self._ready(writing=True)
                    except OSError:
                        await asyncio.Event().wait()  # it has ended, which its bytes will tell
                passed += size
                if passed >= GRANT:
                    self._room += passed
                    granted, passed = passed, 0
                    await self._say("credit", bytes=granted)
            self._taken.clear()
            if not self._inbox:
                await self._taken.wait()

    async def _pass_out(self) -> None:
        """From the guest to the client, as far as that grants it; returns when the guest ended."""
        buffer = memoryview(bytearray(MOST_BYTES))
        while True:
            if self._told is None:
                await self._tell_usage()
            if not self._credit:
                self._granted.clear()
                await self._granted.wait()
                continue
            try:
                size = self._channel.receive(buffer[: min(self._credit, MOST_BYTES)])
            except BlockingIOError:
                await self._ready(writing=False)
                continue
            except OSError:
                size = 0
            if not size:
                break
            self._credit -= size
            self._watch.moved(size, time.monotonic())
            await self._tell_usage()
            meter = self._guest.meter
            if meter is not None and (used := meter.used()) is not None:
                await self._say("spent", fuel=used)
            async with self._sending, asyncio.timeout(_SEND_PATIENCE):
                await self._socket.send_bytes(bytes(buffer[:size]))
        await self._say("closed")
        ended = await asyncio.to_thread(self._guest.exit, _EXIT_PATIENCE)
        ended = self._over or ended or Exit("Disconnected", "the guest closed its channel")
        meter = self._guest.meter
        if meter is not None and (used := meter.used()) is not None:
            await self._say("spent", fuel=used)
        await self._say(
            "exit",
            kind=ended.kind,
            message=ended.message,
            limit=ended.limit,
            cpu=ended.cpu,
            memory=ended.memory,
        )

    async def _tell_usage(self) -> None:
        used = self._guest.usage()
        if used.cpu is not None:
            self._watch.cpu = used.cpu
        if used != self._told:
            self._told = used
            await self._say("usage", cpu=used.cpu, memory=used.memory)

    async def _ready(self, *, writing: bool) -> None:
        """Until the channel can be written or read, or there is something to tell."""
        loop = asyncio.get_running_loop()
        descriptor = self._channel.fileno()
        news = asyncio.Event()
        if writing:
            watch, leave = loop.add_writer, loop.remove_writer
        else:
            watch, leave = loop.add_reader, loop.remove_reader
        watch(descriptor, news.set)
        waiting = asyncio.ensure_future(news.wait())
        try:
            if writing:
                await waiting
            else:
                self._granted.clear()
                asked = asyncio.ensure_future(self._granted.wait())
                try:
                    await asyncio.wait((waiting, asked), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    asked.cancel()
        finally:
            leave(descriptor)
            waiting.cancel()

    # --- what holds whatever the client does -------------------------------------------------

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            self._orders = 0
            broken = self._watch.broken(self._guest.usage(), time.monotonic())
            if broken is None and (barred := await self._barred()) is not None:
                broken = barred, None
            if broken is not None:
                reason, limit = broken
                self._over = Exit("Ended", f"the service ended the guest: {reason}", limit)
                self._guest.stop("kill")
                await asyncio.sleep(_EXIT_PATIENCE + _SEND_PATIENCE)
                return  # the client takes nothing, not even the end

    def _note_cpu(self) -> None:
        with contextlib.suppress(Exception):
            used = self._guest.usage()
            if used.cpu is not None:
                self._watch.cpu = used.cpu
