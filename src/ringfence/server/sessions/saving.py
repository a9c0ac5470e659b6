"""Saving a session: what is captured of its guest, and the change of the database that keeps it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ringfence.server.problems import Problem
from ringfence.server.sessions.keeping import Capture, Keeper, Unsaved
from ringfence.server.sessions.record import LostName, SessionRecord

if TYPE_CHECKING:
    from ringfence.server.sessions.session import Session
    from ringfence.server.store import Work

__all__ = ["Keeping", "Saving"]


class Keeping(NamedTuple):
    """A session that is about to be kept.

    Attributes:
        record: its row, as it will be.
        captured: what is saved of it; None if nothing is.
        write: puts it into the database, within a transaction.
    """

    record: SessionRecord
    captured: Capture | None
    write: Callable[[Work], None]


class Saving:
    """Saves sessions.

    Args:
        keeper: takes what a guest has, and seals it.
        most: sessions that a tenant may have.
    """

    def __init__(self, keeper: Keeper, most: int) -> None:
        self._keeper, self._most = keeper, most

    async def capture(self, session: Session, seconds: float | None = None) -> Capture | LostName:
        """What to save of it, or why it cannot be. Its guest may have ended."""
        box, record = session.box, session.known
        assert box is not None
        try:
            captured = await self._keeper.capture(
                box, session.tenant, session.id, session.file_digests, seconds
            )
        except Unsaved as error:
            session.unsavable = True
            return LostName("*", "", f"turn {record.turns} could not be saved: {error}")
        session.unsavable = False
        return captured

    def keeping(self, session: Session, capture: Capture | LostName | None) -> Keeping:
        """What keeps a session in the database: its row, and what was captured, if anything was."""
        before, stored = session.known, session.stored
        before.revision += 1
        record = replace(before, used=datetime.datetime.now(datetime.UTC))
        if isinstance(capture, LostName):
            record.lost = (capture,)
        elif capture is not None:
            record.saved_turn, record.lost = record.turns, capture.lost
            record.state_bytes, record.files = len(capture.state), dict(capture.files.sizes)
        captured = None if isinstance(capture, LostName) else capture

        def keep(work: Work) -> None:
            sessions = work.sessions
            if not stored:
                if sessions.get(record.tenant, record.id) is not None:
                    raise Problem("exists", "there is a session of this id already")
                if sessions.count(record.tenant) >= self._most:
                    raise self.too_many()
                sessions.insert(replace(record, revision=record.revision - 1))
            if captured is None:
                there = sessions.touch(record)
            else:
                there = sessions.save(record, captured.state)
            if not there:
                raise Problem(
                    "unavailable",
                    "the session was deleted, or what an earlier call did was kept so late that it "
                    "came between; nothing of this call was kept",
                    retry_after=1.0,
                )
            if captured is not None:
                sessions.write_files(record.tenant, record.id, captured.files.written)
                sessions.remove_files(record.tenant, record.id, captured.files.removed)

        return Keeping(record, captured, keep)

    @staticmethod
    def kept(session: Session, keeping: Keeping) -> None:
        """The database has it."""
        session.stored = True
        session.record = keeping.record
        if keeping.captured is not None:
            session.dirty = False
            session.file_digests = keeping.captured.files.digests

    def too_many(self) -> Problem:
        """Why a tenant cannot have one session more."""
        return Problem(
            "quota",
            f"sessions: a tenant may have {self._most}; delete some",
            retry_after=60.0,
        )
