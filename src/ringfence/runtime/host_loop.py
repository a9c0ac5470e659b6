"""The one event loop on which async host functions run under the sync façade.

Started on first use, shared by all sandboxes of the process, made anew after a fork.
"""

from __future__ import annotations

import asyncio
import os
import threading

from ringfence.system.forks import call_in_forked_children

__all__ = ["host_loop"]

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner = 0


def host_loop() -> asyncio.AbstractEventLoop:
    """The running loop."""
    global _loop, _owner
    with _lock:
        if _loop is None or _owner != os.getpid():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="ringfence-host", daemon=True).start()
            _loop, _owner = loop, os.getpid()
        return _loop


def _forget_after_fork() -> None:
    global _lock, _loop
    _lock = threading.Lock()
    _loop = None


call_in_forked_children(_forget_after_fork)
