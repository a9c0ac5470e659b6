"""The parts of an MCP server, opened in order and closed in the other order."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.mcp.recording import Recorder, StoreRecorder, Unrecorded
from ringfence.mcp.server.gate import Gate, switched_off
from ringfence.mcp.server.guests import Guests
from ringfence.mcp.server.lending import broker_of
from ringfence.mcp.server.resources import Files
from ringfence.mcp.server.running import Running
from ringfence.mcp.server.sessions import Sessions
from ringfence.server.admission import Admission

if TYPE_CHECKING:
    from ringfence.mcp.broker.broker import Broker
    from ringfence.mcp.server.settings import McpSettings
    from ringfence.server.store import Store

__all__ = ["Parts", "opened"]


@dataclass(frozen=True)
class Parts:
    """The parts.

    Attributes:
        settings: what the operator decided.
        version: of Ringfence.
        store: the service's database; None where the operator has none.
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
    recorder: Recorder
    guests: Guests
    gate: Gate
    sessions: Sessions
    broker: Broker | None
    running: Running
    files: Files


@contextlib.asynccontextmanager
async def opened(
    settings: McpSettings, warn: Callable[[str], object] = lambda text: None
) -> AsyncIterator[Parts]:
    """The parts, as long as they are used; when it returns no process of theirs is left.

    Args:
        settings: what the operator decided.
        warn: is told what was left out of the configuration.

    Raises:
        RingfenceError: one of them cannot be had. That no engine works is no such thing.
    """
    async with contextlib.AsyncExitStack() as closing:
        store, recorder = None, None
        if settings.store != "none":
            store = await asyncio.to_thread(_open_store, settings.store)
            closing.push_async_callback(store.close)
            recorder = StoreRecorder(store)
            closing.push_async_callback(_flushed, recorder)
        noted: Recorder = Unrecorded() if recorder is None else recorder
        broker, warnings = broker_of(settings, noted)
        for one in warnings:
            warn(one)
        if broker is not None:
            await closing.enter_async_context(broker)
        guests = Guests(settings, lending=broker is not None)
        closing.push_async_callback(asyncio.to_thread, guests.pool.close)
        project = Path() if settings.config is None else settings.config.parent
        gate = Gate(guests.pool, settings.level, switched_off(project, enabled=settings.enabled))
        gate.start()
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
            recorder=noted,
            guests=guests,
            gate=gate,
            sessions=sessions,
            broker=broker,
            running=running,
            files=Files(sessions, settings.resource_bytes),
        )


def _open_store(address: str | None) -> Store:
    from ringfence.server.settings import default_database
    from ringfence.server.store import Store

    return Store.open(default_database() if address is None else address, owning=False)


async def _flushed(recorder: StoreRecorder) -> None:
    with contextlib.suppress(Exception):  # the database is away: nobody is left to be told
        await recorder.flush()
