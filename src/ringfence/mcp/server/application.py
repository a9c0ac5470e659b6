"""The parts of an MCP server, opened in order and closed in the other order."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.mcp.recording import Recorder, StoreRecorder, Unrecorded
from ringfence.mcp.server.gate import Gate
from ringfence.mcp.server.late_store import LateRecorder, LateStore, open_store
from ringfence.mcp.server.resources import Files
from ringfence.mcp.server.running import Running
from ringfence.mcp.server.sessions import Sessions
from ringfence.server.admission import Admission

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker
    from ringfence.mcp.server.guests import Guests
    from ringfence.mcp.server.preparing import Prepared
    from ringfence.mcp.server.settings import McpSettings
    from ringfence.server.store import Store

__all__ = ["Parts", "opened"]


@dataclass(frozen=True)
class Parts:
    """The parts.

    Attributes:
        settings: what the operator decided.
        version: of Ringfence.
        store: the service's database; None where the operator has none, or it is opened late.
        late_store: the same where it is opened late.
        recorder: the audit log.
        guests: makes sandboxes.
        gate: says whether anything is run.
        sessions: those that are kept.
        broker: other servers' tools, if some are lent.
        running: runs code.
        files: of sessions, as resources.
    """

    settings: McpSettings
    version: str
    store: Store | None
    late_store: LateStore | None
    recorder: Recorder
    guests: Guests
    gate: Gate
    sessions: Sessions
    broker: Broker | None
    running: Running
    files: Files


@contextlib.asynccontextmanager
async def opened(
    prepared: Prepared, warn: Callable[[str], object] = lambda text: None, *, late: bool = False
) -> AsyncIterator[Parts]:
    """The parts, as long as they are used; when it returns no process of theirs is left.

    Args:
        prepared: what they are made of.
        warn: is told what was left out of the configuration.
        late: whether the database may be opened once it is needed. Nothing is run before that.

    Raises:
        RingfenceError: one of them cannot be had. That no engine works is no such thing.
    """
    settings, guests = prepared.settings, prepared.guests
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(asyncio.to_thread, guests.pool.close)
        gate = Gate(guests.pool, settings.level, prepared.off)
        gate.start()
        store, late_store = None, None
        recorder: StoreRecorder | None = None
        if settings.store == "none":
            noted: Recorder = Unrecorded()
        elif late:
            late_store = LateStore(settings.store)
            closing.push_async_callback(late_store.close)
            noted = recorder = LateRecorder(late_store)
        else:
            store = await asyncio.to_thread(open_store, settings.store)
            closing.push_async_callback(store.close)
            noted = recorder = StoreRecorder(store)
        if recorder is not None:
            closing.push_async_callback(_flushed, recorder)
        for one in prepared.configuration.warnings:
            warn(one)
        broker = None
        if prepared.configuration.servers:
            from ringfence.mcp.broker.broker import Broker

            broker = Broker(
                prepared.configuration.servers, prepared.rules, approve=None, recorder=noted
            )
            await closing.enter_async_context(broker)
        sessions = Sessions(settings.max_sessions, settings.all_sessions, settings.session_seconds)
        sessions.start()
        closing.push_async_callback(sessions.close)
        admission = Admission(settings.running, settings.queue, settings.queue_seconds)
        running = Running(settings, guests, sessions, admission, noted, broker)
        closing.push_async_callback(running.close)
        yield Parts(
            settings=settings,
            version=importlib.metadata.version("ringfence"),
            store=store,
            late_store=late_store,
            recorder=noted,
            guests=guests,
            gate=gate,
            sessions=sessions,
            broker=broker,
            running=running,
            files=Files(sessions, settings.resource_bytes),
        )


async def _flushed(recorder: StoreRecorder) -> None:
    with contextlib.suppress(Exception):  # the database is away: nobody is left to be told
        await recorder.flush()
