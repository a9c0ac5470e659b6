"""The files of sessions: listed, read, written and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ringfence.server.sessions.troubles import file_problems

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.server.access.caller import Caller
    from ringfence.server.sessions.visits import Visits

__all__ = ["Filing"]


class Filing:
    """Looks after files of sessions.

    Args:
        visits: holds sessions and has them charged.
    """

    def __init__(self, visits: Visits) -> None:
        self._visits = visits

    async def page(self, caller: Caller, session_id: str) -> dict[str, Any]:
        """Names and sizes.

        Raises:
            Problem: ``unknown``, ``lost``, ``busy``.
        """
        async with self._visits.awake(caller, session_id) as (_, box):
            with file_problems():
                sizes = await box.files.sizes()
            return {"files": [{"name": name, "bytes": size} for name, size in sizes.items()]}

    async def read(self, caller: Caller, session_id: str, name: str) -> bytes:
        """The content of a file.

        Raises:
            Problem: ``unknown``: no such session or file. ``malformed``: it is no name.
        """
        async with self._visits.awake(caller, session_id) as (_, box):
            with file_problems():
                return await box.files.read(name)

    async def write(
        self, caller: Caller, session_id: str, name: str, content: bytes
    ) -> dict[str, Any]:
        """Write a file.

        Raises:
            Problem: ``unknown``, ``malformed``, ``not-allowed``: it cannot be written.
        """
        async with self._changing(caller, session_id) as box:
            with file_problems():
                await box.files.write(name, content)
        return {"name": name, "bytes": len(content)}

    async def remove(self, caller: Caller, session_id: str, name: str) -> None:
        """Remove a file.

        Raises:
            Problem: ``unknown``, ``malformed``.
        """
        async with self._changing(caller, session_id) as box:
            with file_problems():
                await box.files.remove(name)

    @asynccontextmanager
    async def _changing(self, caller: Caller, session_id: str) -> AsyncIterator[AsyncSandbox]:
        """A session whose files are changed within, and kept after."""
        async with self._visits.awake(caller, session_id) as (session, box):
            yield box
            session.dirty = True
            if session.known.durability == "per-turn":
                capture = await self._visits.captured(session)
                await self._visits.keep(session, capture, None, "")
