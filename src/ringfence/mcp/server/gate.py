"""The security gate: nothing is run unless an engine of the accepted level really runs guests.

It is found out by starting guests as runs do, never by asking what should be there.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringfence.errors import ConfigurationError, RingfenceError
from ringfence.mcp.setup.files import read_file

if TYPE_CHECKING:
    from ringfence.runtime.pool import Pool

__all__ = ["ALIAS", "Gate", "switched_off"]

ALIAS = ".code-executor.json"
"""A file of the project that a known server reads, too: ``executors.python.enabled``."""

_AGAIN = 10.0
_PATIENCE = 60.0
_MOST_FILE = 1 << 20
_LONGEST = 600


class Gate:
    """Says whether anything is run, and if not, why. Used from one event loop.

    Args:
        pool: the guests that it tries.
        level: what it was told to accept, for its words.
        off: why nothing is run whatever there is; None where that is not so.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        pool: Pool,
        level: str,
        off: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._level = level
        self._off = off
        self._clock = clock
        self._trying: asyncio.Task[str | None] | None = None
        self._tried = float("-inf")

    def start(self) -> None:
        """Begin to find out, in the background."""
        if self._off is None:
            self._try()

    async def closed(self) -> str | None:
        """Why nothing is run; None where guests can be had.

        Where there was no guest it is tried again, once in ten seconds.
        """
        if self._off is not None:
            return self._off
        trying = self._trying
        if trying is None or (
            trying.done() and trying.result() is not None and self._clock() - self._tried > _AGAIN
        ):
            trying = self._try()
        return await asyncio.shield(trying)

    def _try(self) -> asyncio.Task[str | None]:
        self._trying = asyncio.create_task(self._found_out())
        return self._trying

    async def _found_out(self) -> str | None:
        try:
            await asyncio.to_thread(self._pool.wait, _PATIENCE)
        except RingfenceError as error:
            return (
                f"Nothing is run here: no engine with walls of the level {self._level!r} works on "
                f"this machine. `ringfence doctor` says more. {' '.join(str(error).split())}"
            )[:_LONGEST]
        finally:
            self._tried = self._clock()
        return None


def switched_off(project: Path, *, enabled: bool) -> str | None:
    """Why an operator or a project wants nothing to be run; None where neither does.

    Args:
        project: the folder whose :data:`ALIAS` is read. A file that cannot be read switches off:
            it may have said so.
        enabled: what the settings say.
    """
    if not enabled:
        return "Nothing is run here: the settings say enabled = false."
    try:
        # A cloned project may have put a link to a device there, or a pipe.
        content = read_file(project / ALIAS, _MOST_FILE)
        if content is None:
            return None
        data: Any = json.loads(content, object_pairs_hook=_once)
        for key in ("executors", "python"):
            data = data.get(key, {})
            if not isinstance(data, dict):
                raise TypeError(f"{key} is no object")
        value = data.get("enabled", True)
        if type(value) is not bool:
            raise TypeError("executors.python.enabled is neither true nor false")
    except (ConfigurationError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return f"Nothing is run here: {ALIAS} cannot be read: {str(error)[:200]}"
    return None if value else f"Nothing is run here: {ALIAS} says executors.python.enabled = false."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says each thing once: of two, another program may heed the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it says something twice")
    return found
