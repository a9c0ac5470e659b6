"""The heart of a service, put together: who runs next, on what, and which sessions there are."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

from ringfence.runtime.state_key import user_key
from ringfence.server.admission import Admission
from ringfence.server.execution import Execution
from ringfence.server.fleet import Fleet
from ringfence.server.house import House
from ringfence.server.memory import Memory
from ringfence.server.sessions.clearing import Clearing
from ringfence.server.sessions.copies import Copies
from ringfence.server.sessions.directory import Sessions
from ringfence.server.sessions.filing import Filing
from ringfence.server.sessions.operations import Operations
from ringfence.server.sessions.visits import Visits

__all__ = ["open_core"]

_ASIDE = 32
"""Threads for what must not hold the event loop up."""


async def open_core(house: House, closing: contextlib.AsyncExitStack) -> None:
    """Give a house that has a store and quotas what runs code; ``closing`` ends it.

    Raises:
        StateKeyNotUsable: the key that sessions are sealed with cannot be had.
    """
    settings, store = house.settings, house.store
    secret = settings.state_key.get_secret_value()
    key = secret.encode() if secret else await asyncio.to_thread(user_key)
    # Guests that ended are waited for there, and large texts written: more than it has by itself.
    aside = ThreadPoolExecutor(_ASIDE, thread_name_prefix="ringfence-aside")
    asyncio.get_running_loop().set_default_executor(aside)
    house.fleet = fleet = Fleet(settings, house.metrics, house.tracing)
    closing.push_async_callback(fleet.close)
    house.memory = memory = Memory(settings.memory)
    house.admission = Admission(
        settings.running,
        settings.queue,
        settings.queue_seconds,
        memory=memory,
        tracing=house.tracing,
    )
    house.sessions = Sessions(settings, store, fleet, house.metrics, key, memory, house.tracing)
    closing.push_async_callback(house.sessions.close)
    closing.push_async_callback(Clearing(memory, house.admission, house.sessions).close)
    house.execution = Execution(
        settings,
        store,
        fleet,
        house.admission,
        house.quotas,
        house.sessions,
        house.metrics,
        house.tracing,
    )
    closing.push_async_callback(house.execution.close)
    sessions = house.sessions
    visits = Visits(store, house.admission, house.quotas, sessions)
    house.operations = Operations(store, fleet, sessions, visits)
    house.copies = Copies(store, fleet, house.admission, sessions, visits)
    house.filing = Filing(visits)
    house.readiness.watch("engine", lambda: _startable(fleet))
    await fleet.start()
    await house.sessions.start()


async def _startable(fleet: Fleet) -> str | None:
    await fleet.ready()
    return None
