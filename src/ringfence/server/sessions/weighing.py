"""How much memory the guest of a session has while it rests.

At the end of a turn that is bounded without asking much: it has no more than is resident, what it
shares with its image included, and its files, which no number of the process tells. Where memory is
short it is weighed: its pages as far as they are its own, and what its files use. That takes the
kernel a millisecond, and a right to look that an ordinary user has not. There a closer bound has to
do: the files of one guest are no more than all that lie in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from ringfence.server.machine import files_in_memory

if TYPE_CHECKING:
    from ringfence.server.sessions.session import Session

__all__ = ["bound", "settle", "weigh", "weigh_again"]

_BATCH = 16
"""Sessions that are weighed in one go."""


def settle(session: Session) -> None:
    """Nobody uses it from here on: count what it has, which is nothing if it has no guest."""
    session.weighed = None
    if session.box is None:
        session.memory.end()
    else:
        session.memory.rest(bound(session))


def bound(session: Session) -> int:
    """Bytes that its guest has at most."""
    box = session.box
    assert box is not None
    most = int(box.limits.memory)
    resident = box._resident()
    if resident is None:
        return most
    return min(most, resident + int(box.limits.disk or 0))


async def weigh(sessions: Iterable[Session]) -> bool:
    """Weigh some that rest and were not; False if there are none."""
    some: list[Session] = []
    for session in sessions:
        if session.weighed is None and _rests(session):
            some.append(session)
            if len(some) == _BATCH:
                break
    if not some:
        return False
    stamps = [session.last_used for session in some]
    found = await asyncio.to_thread(_look_at, some)
    for session, stamp, size in zip(some, stamps, found, strict=True):
        if session.last_used != stamp or not _rests(session):
            continue  # it was used meanwhile
        assert session.box is not None
        session.weighed = session.box._resident() or 0
        if size is not None:
            session.memory.rest(min(size, int(session.box.limits.memory)))
    return True


def weigh_again(sessions: Iterable[Session]) -> None:
    """See whether any has grown since its turn: its threads run on for a moment after it."""
    before = monotonic() - 1.0
    for session in sessions:
        box = session.box
        if box is None or session.line.taken or session.last_used > before:
            continue
        if session.weighed is None or session.weighed != (box._resident() or 0):
            settle(session)


def _rests(session: Session) -> bool:
    """Whether nobody uses it; its guest is stopped until its next turn then, and does not grow."""
    return session.box is not None and not session.line.taken and session.box._pause()


def _look_at(sessions: list[Session]) -> list[int | None]:
    """On another thread. One may end meanwhile: then it is nothing that counts."""
    found = []
    files: int | None = None
    for session in sessions:
        box = session.box
        size = None if box is None else box._weight()
        if size is None and box is not None:
            files = files_in_memory() if files is None else files
            resident = box._resident()
            if files is not None and resident is not None:
                size = resident + min(files, int(box.limits.disk or 0))
        found.append(size)
    return found
