"""What callers were denied, for the audit: the first few of each minute, and how many more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ringfence.errors import RingfenceError

if TYPE_CHECKING:
    from ringfence.server.problems import Problem
    from ringfence.server.store import Store, Work

__all__ = ["A_MINUTE", "Denials"]

A_MINUTE = 10
"""Rows that one tenant's denials make in a minute; those beyond are counted, in one row more."""

_EVERY = 60.0
_MOST_NAMES = 20
_LONGEST = 300
_DENIED = frozenset({"quota", "not-allowed"})
"""Problems that say that somebody may not do what it asked for."""


@dataclass(slots=True)
class _Minute:
    """A minute of one tenant's, from its first denial on."""

    rows: int = 0
    left_out: int = 0
    of: dict[str, int] = field(default_factory=dict)


class Denials:
    """Writes down what was denied. Used from one event loop; nobody waits for the database.

    Args:
        store: where the audit is.
        every: seconds of a minute.
    """

    def __init__(self, store: Store, every: float = _EVERY) -> None:
        self._store = store
        self._every = every
        self._minutes: dict[str, _Minute] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, tenant: str, key_id: str | None, problem: Problem) -> None:
        """Something was refused; what is no denial, or was noted already, is passed over.

        Args:
            tenant: whose request it was.
            key_id: the visible part of its key; None where there was none.
            problem: what was answered.
        """
        if problem.name not in _DENIED or problem.noted:
            return
        problem.noted = True
        minute = self._minutes.get(tenant)
        if minute is None:
            minute = self._minutes[tenant] = _Minute()
            asyncio.get_running_loop().call_later(self._every, self._end, tenant, minute)
        what = problem.errors[0].field[:64] if problem.errors else problem.name
        if minute.rows < A_MINUTE:
            minute.rows += 1
            told = {"problem": problem.name, "what": what, "detail": problem.detail[:_LONGEST]}
            self._write("denied", tenant, key_id, told)
            return
        minute.left_out += 1
        if what in minute.of or len(minute.of) < _MOST_NAMES:
            minute.of[what] = minute.of.get(what, 0) + 1

    async def close(self) -> None:
        """Write what was counted, and wait until it is written."""
        for tenant, minute in list(self._minutes.items()):
            self._end(tenant, minute)
        if self._writing:
            await asyncio.wait(self._writing)

    def _end(self, tenant: str, minute: _Minute) -> None:
        if self._minutes.get(tenant) is not minute:
            return
        del self._minutes[tenant]
        if minute.left_out:
            told = {"count": minute.left_out, "what": minute.of}
            self._write("denied.more", tenant, None, told)

    def _write(
        self, kind: str, tenant: str, key_id: str | None, details: Mapping[str, Any]
    ) -> None:
        async def write() -> None:
            def change(work: Work) -> None:
                work.audit.append(kind, tenant, key_id, details)

            try:
                await self._store.write(change)
            except RingfenceError:  # it counts with those that come
                minute = self._minutes.get(tenant)
                if minute is not None:
                    minute.left_out += int(details.get("count", 1))

        task = asyncio.get_running_loop().create_task(write())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
