"""The audit log of what MCP clients had run: rows of the service's database, written behind.

What is noted waits in memory until :meth:`Recorder.flush`, which a run's answer waits for; what
waits together is one transaction. Rows say who did what with which hashes: never code, arguments,
results or secrets.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ringfence.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from ringfence.server.store import Work

__all__ = ["MOST_WAITING", "Recorder", "StoreRecorder", "Unrecorded", "Writes", "owner_of"]

MOST_WAITING = 10_000
"""Rows that wait for a database; while there are so many, nothing is run."""

_KEYED = re.compile(r"(.+):([0-9a-f]{16})")
_LOCAL = "local"
_SOON = 1.0


class Recorder(Protocol):
    """Where it is noted what was done."""

    def note(self, kind: str, client: str, details: Mapping[str, Any]) -> None:
        """Note one thing; never blocks.

        Args:
            kind: what: ``mcp.run``, ``mcp.tool``, ``mcp.denied``, …
            client: whose.
            details: JSON values: names, hashes and figures.
        """

    async def flush(self) -> None:
        """Return once what was noted is kept.

        Raises:
            StoreUnavailable: it is not, and waits on.
        """

    async def ready(self) -> None:
        """Let pass that what is done next can be noted.

        Raises:
            StoreUnavailable: too much waits already.
        """


class Writes(Protocol):
    """What rows are written with, such as a service's store."""

    async def write(self, change: Callable[[Work], Any], /) -> Any:
        """Do it in one transaction.

        Raises:
            StoreError: it is not kept.
        """


class Unrecorded:
    """Notes nothing: for tests, and where the operator has no database."""

    def note(self, kind: str, client: str, details: Mapping[str, Any]) -> None:
        """Nothing."""

    async def flush(self) -> None:
        """Nothing."""

    async def ready(self) -> None:
        """Nothing."""


class StoreRecorder:
    """Notes in a service's database. Used from one event loop.

    Args:
        store: opened, as a tool or as a server.
    """

    def __init__(self, store: Writes) -> None:
        self._store = store
        self._waiting: deque[tuple[str, str, str | None, Mapping[str, Any]]] = deque()
        self._writing = asyncio.Lock()
        self._trouble = False
        self._soon: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.lost = 0
        """Rows that found no room; a row says so once there is room again."""

    def note(self, kind: str, client: str, details: Mapping[str, Any]) -> None:
        """As :meth:`Recorder.note`."""
        if len(self._waiting) >= 2 * MOST_WAITING:
            self.lost += 1
            return
        tenant, key_id = owner_of(client)
        self._waiting.append((kind, tenant, key_id, dict(details)))
        if self._soon is None:  # nobody waits for the row of a refusal
            self._soon = asyncio.get_running_loop().call_later(_SOON, self._begin)

    def _begin(self) -> None:
        self._soon = None
        if self._waiting and not self._writing.locked():
            self._task = asyncio.create_task(self._flush_quietly())

    async def _flush_quietly(self) -> None:
        with contextlib.suppress(StoreUnavailable):  # who runs something next is told
            await self.flush()

    async def ready(self) -> None:
        """As :meth:`Recorder.ready`."""
        if self._trouble or len(self._waiting) >= MOST_WAITING:
            await self.flush()

    async def flush(self) -> None:
        """As :meth:`Recorder.flush`. Who comes while others' rows are written shares the next
        transaction with everybody that waits then.
        """
        async with self._writing:
            rows = list(self._waiting)
            lost, self.lost = self.lost, 0
            if not rows:
                return
            if lost:
                rows.append(("mcp.lost", _LOCAL, None, {"rows": lost}))

            def change(work: Work) -> None:
                for kind, tenant, key_id, details in rows:
                    work.audit.append(kind, tenant, key_id, details)

            try:
                await self._store.write(change)
            except StoreError as error:
                self._trouble = True
                self.lost += lost
                raise StoreUnavailable("the audit log cannot be written") from error
            self._trouble = False
            for _ in range(len(rows) - bool(lost)):
                self._waiting.popleft()


def owner_of(client: str) -> tuple[str, str | None]:
    """The tenant and the visible part of the key of a client: ``TENANT:KEY_ID``, or ``stdio``."""
    found = _KEYED.fullmatch(client)
    return (_LOCAL, None) if found is None else (found[1], found[2])
