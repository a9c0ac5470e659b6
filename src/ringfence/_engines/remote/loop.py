"""The one event loop of this process that moves bytes of remote guests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ringfence.system.forks import call_in_forked_children

__all__ = ["on_loop", "remote_loop"]

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_inherited: list[asyncio.AbstractEventLoop | None] = []


def remote_loop() -> asyncio.AbstractEventLoop:
    """The running loop; made on first use, and anew in a forked child."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="ringfence-remote", daemon=True).start()
        return _loop


def on_loop(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin ``work`` there."""
    return asyncio.run_coroutine_threadsafe(work, remote_loop())


def _forget_after_fork() -> None:
    """Nobody runs it here. It is not let go of: what it would close is open in the parent."""
    global _lock, _loop
    _lock = threading.Lock()
    _inherited.append(_loop)
    _loop = None


call_in_forked_children(_forget_after_fork)
