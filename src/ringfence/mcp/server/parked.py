"""Runs that wait for a modern client's next call, with the answers to what they asked."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringfence.mcp.server.running import Run

__all__ = ["Parked"]


@dataclass
class _Waiting:
    run: Run
    digest: str
    timer: asyncio.TimerHandle


class Parked:
    """Keeps them for so long, then ends them. Used from one event loop.

    Args:
        seconds: for which one is kept.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[tuple[str, str], _Waiting] = {}

    def put(self, run: Run, given: Mapping[str, Any] | None) -> str:
        """Keep a run; what its client sends back with the same arguments to go on with it."""
        token = secrets.token_urlsafe(32)
        key = run.client, token
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._seconds, self._expire, key)
        self._waiting[key] = _Waiting(run, _digest(given), timer)
        return token

    def take(self, client: str, token: str, given: Mapping[str, Any] | None) -> Run | None:
        """The run that a client goes on with, once; None if there is none for it."""
        found = self._waiting.get((client, token))
        if found is None or found.digest != _digest(given):
            return None
        del self._waiting[client, token]
        found.timer.cancel()
        return found.run

    def _expire(self, key: tuple[str, str]) -> None:
        found = self._waiting.pop(key, None)
        if found is not None:
            found.run.task.cancel()


def _digest(given: Mapping[str, Any] | None) -> str:
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
