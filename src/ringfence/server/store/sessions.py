"""Sessions in the database, within a transaction: their rows, states, files and snapshots."""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy
from sqlalchemy import bindparam, delete, func, insert, select, update

from ringfence.server.sessions.record import LostName, SessionRecord
from ringfence.server.store.blobs import portions
from ringfence.server.store.session_tables import INLINE, ageing, session_files, sessions, snapshots

if TYPE_CHECKING:
    from ringfence.server.store.blobs import Blobs
    from ringfence.server.store.stored import Stored

__all__ = ["Sessions", "Snapshot"]

MOST_SNAPSHOTS = 16
"""Snapshots of one session; one more, and the oldest is dropped."""

_COLUMNS = (
    sessions.c.tenant,
    sessions.c.id,
    sessions.c.created,
    sessions.c.used,
    sessions.c.turns,
    sessions.c.saved_turn,
    sessions.c.durability,
    sessions.c.recipe,
    sessions.c.lost,
    sessions.c.state_bytes,
    sessions.c.revision,
)
_THIS = (sessions.c.tenant == bindparam("of_tenant"), sessions.c.id == bindparam("of_id"))
_GET = select(*_COLUMNS).where(*_THIS)
_INSERT = insert(sessions)
_STATE = select(sessions.c.state, sessions.c.state_blob).where(*_THIS)
_KEPT = select(sessions.c.state_blob, sessions.c.state_bytes).where(*_THIS)
_MOVED: dict[str, Any] = {
    "used": bindparam("new_used"),
    "turns": bindparam("new_turns"),
    "saved_turn": bindparam("new_saved"),
    "lost": bindparam("new_lost"),
    "revision": bindparam("new_revision"),
}
# A change that was waited for in vain may be kept later, when others were: it comes too late then.
_LATER = sessions.c.revision < bindparam("new_revision")
_TOUCH = update(sessions).where(*_THIS, _LATER).values(_MOVED)
_SAVE = (
    update(sessions)
    .where(*_THIS, _LATER)
    .values(
        {
            **_MOVED,
            "state_bytes": bindparam("new_bytes"),
            "state": bindparam("new_state"),
            "state_blob": bindparam("new_blob"),
        }
    )
)
_OF_SESSION = (
    session_files.c.tenant == bindparam("of_tenant"),
    session_files.c.session == bindparam("of_id"),
)
_FILES = select(
    session_files.c.name, session_files.c.bytes, session_files.c.data, session_files.c.blob
).where(*_OF_SESSION)
_SIZES = select(session_files.c.name, session_files.c.bytes).where(*_OF_SESSION)


class Snapshot(NamedTuple):
    """A snapshot: its id, the turn that it was made after, and how many bytes it has."""

    id: str
    turn: int
    bytes: int


class Sessions:
    """The sessions of all tenants; each call names whose it means."""

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        blobs: Blobs,
        stored: Stored,
        now: datetime.datetime,
    ) -> None:
        self._connection, self._blobs, self._now = connection, blobs, now
        self._stored = stored

    # --- rows --------------------------------------------------------------------------------

    def get(self, tenant: str, session: str) -> SessionRecord | None:
        """A session's row; None if there is none."""
        row = self._connection.execute(_GET, _this(tenant, session)).first()
        if row is None:
            return None
        record = _record(row)
        sizes = self._connection.execute(_SIZES, _this(tenant, session))
        record.files = {row.name: row.bytes for row in sizes}
        return record

    def page(self, tenant: str, after: str, limit: int) -> list[SessionRecord]:
        """Rows of a tenant in the order of their ids, without their files."""
        found = self._connection.execute(
            select(*_COLUMNS)
            .where(sessions.c.tenant == tenant, sessions.c.id > after)
            .order_by(sessions.c.id)
            .limit(limit)
        )
        return [_record(row) for row in found]

    def count(self, tenant: str) -> int:
        """How many a tenant has."""
        found = self._connection.execute(
            select(func.count()).select_from(sessions).where(sessions.c.tenant == tenant)
        )
        return int(found.scalar_one())

    def insert(self, record: SessionRecord) -> None:
        """A new row. There must be none."""
        self._connection.execute(
            _INSERT,
            {
                "tenant": record.tenant,
                "id": record.id,
                "created": record.created,
                "used": record.used,
                "turns": record.turns,
                "saved_turn": record.saved_turn,
                "durability": record.durability,
                "recipe": json.dumps(dict(record.recipe)),
                "lost": json.dumps(record.lost),
                "state_bytes": 0,
                "revision": record.revision,
            },
        )

    def touch(self, record: SessionRecord) -> bool:
        """Keep what has moved on, but no state. False if there is no such session, or a later
        change of it is kept already.
        """
        done = self._connection.execute(_TOUCH, _moved(record))
        return done.rowcount == 1

    def save(self, record: SessionRecord, state: bytes) -> bool:
        """Keep what has moved on, and a state. False as for :meth:`touch`."""
        row = self._connection.execute(_KEPT, _this(record.tenant, record.id)).first()
        if row is None:
            return False
        small = len(state) <= INLINE
        done = self._connection.execute(
            _SAVE,
            {
                **_moved(record),
                "new_bytes": len(state),
                "new_state": state if small else None,
                "new_blob": None if small else self._blobs.put(state),
            },
        )
        if done.rowcount != 1:
            return False  # the caller raises, and the blob is undone with the rest
        if row.state_blob is not None:
            self._blobs.drop(row.state_blob)
        self._stored.add(record.tenant, len(state) - row.state_bytes)
        return True

    def state(self, tenant: str, session: str) -> bytes | None:
        """The saved state; None if there is none."""
        row = self._connection.execute(_STATE, _this(tenant, session)).first()
        return None if row is None else self._content(row.state, row.state_blob)

    def delete(self, tenant: str, session: str) -> bool:
        """Remove a session and all that is kept of it. False if there is none."""
        row = self._connection.execute(_KEPT, _this(tenant, session)).first()
        if row is None:
            return False
        self._drop_files(tenant, session, None)
        mine = snapshots.c.tenant == tenant, snapshots.c.session == session
        frozen = select(snapshots.c.blob, snapshots.c.bytes).where(*mine)
        for blob, count in self._connection.execute(frozen).all():
            self._blobs.drop(blob)
            self._stored.add(tenant, -count)
        self._connection.execute(delete(snapshots).where(*mine))
        if row.state_blob is not None:
            self._blobs.drop(row.state_blob)
        self._stored.add(tenant, -row.state_bytes)
        self._connection.execute(delete(sessions).where(*_THIS), _this(tenant, session))
        return True

    def seen(self) -> datetime.datetime | None:
        """The latest moment that a server believed; None if there was none."""
        moment: datetime.datetime | None = self._connection.execute(
            select(ageing.c.seen)
        ).scalar_one_or_none()
        return moment

    def see(self, moment: datetime.datetime) -> None:
        """Remember a moment that is believed."""
        done = self._connection.execute(update(ageing).values(seen=moment))
        if not done.rowcount:
            self._connection.execute(insert(ageing), {"id": 1, "seen": moment})

    def unused_since(self, moment: datetime.datetime, limit: int) -> list[tuple[str, str]]:
        """(tenant, id) of sessions that did nothing since; the oldest first."""
        found = self._connection.execute(
            select(sessions.c.tenant, sessions.c.id)
            .where(sessions.c.used < moment)
            .order_by(sessions.c.used)
            .limit(limit)
        )
        return [(tenant, session) for tenant, session in found]

    # --- files -------------------------------------------------------------------------------

    def files(self, tenant: str, session: str) -> dict[str, bytes]:
        """Name -> content."""
        found = self._connection.execute(_FILES, _this(tenant, session)).all()
        return {row.name: self._content(row.data, row.blob) or b"" for row in found}

    def write_files(self, tenant: str, session: str, files: Mapping[str, bytes]) -> None:
        """Keep files, in place of those of the same names."""
        if not files:
            return
        self._drop_files(tenant, session, files)
        rows = []
        for name, content in files.items():
            small = len(content) <= INLINE
            self._stored.add(tenant, len(content))
            rows.append(
                {
                    "tenant": tenant,
                    "session": session,
                    "digest": _digest(name),
                    "name": name,
                    "bytes": len(content),
                    "data": content if small else None,
                    "blob": None if small else self._blobs.put(content),
                }
            )
        self._connection.execute(insert(session_files), rows)

    def remove_files(self, tenant: str, session: str, names: Iterable[str]) -> None:
        """Forget files."""
        names = list(names)
        if names:
            self._drop_files(tenant, session, names)

    def _drop_files(self, tenant: str, session: str, names: Iterable[str] | None) -> None:
        where = [session_files.c.tenant == tenant, session_files.c.session == session]
        digests = None if names is None else [_digest(name) for name in names]
        for some in [None] if digests is None else portions(digests):
            these = where if some is None else [*where, session_files.c.digest.in_(some)]
            found = self._connection.execute(
                select(session_files.c.blob, session_files.c.bytes).where(*these)
            ).all()
            self._blobs.drop_all([row.blob for row in found if row.blob is not None])
            self._stored.add(tenant, -sum(row.bytes for row in found))
            self._connection.execute(delete(session_files).where(*these))

    # --- snapshots ---------------------------------------------------------------------------

    def add_snapshot(self, tenant: str, session: str, turn: int, data: bytes) -> Snapshot:
        """Keep a snapshot; drop the oldest if they are too many."""
        mine = snapshots.c.tenant == tenant, snapshots.c.session == session
        there = self._connection.execute(
            select(snapshots.c.id, snapshots.c.number, snapshots.c.blob, snapshots.c.bytes)
            .where(*mine)
            .order_by(snapshots.c.number)
        ).all()
        for row in there[: max(0, len(there) - MOST_SNAPSHOTS + 1)]:
            self._blobs.drop(row.blob)
            self._stored.add(tenant, -row.bytes)
            self._connection.execute(delete(snapshots).where(*mine, snapshots.c.id == row.id))
        self._stored.add(tenant, len(data))
        made = Snapshot(f"snap_{secrets.token_hex(8)}", turn, len(data))
        self._connection.execute(
            insert(snapshots),
            {
                "tenant": tenant,
                "session": session,
                "id": made.id,
                "number": there[-1].number + 1 if there else 1,
                "turn": turn,
                "created": self._now,
                "bytes": len(data),
                "blob": self._blobs.put(data),
            },
        )
        return made

    def snapshot(
        self, tenant: str, session: str, snapshot: str | None
    ) -> tuple[Snapshot, bytes] | None:
        """A snapshot by its id, or the newest one; None if there is none."""
        where = [snapshots.c.tenant == tenant, snapshots.c.session == session]
        if snapshot is not None:
            where.append(snapshots.c.id == snapshot)
        row = self._connection.execute(
            select(snapshots).where(*where).order_by(snapshots.c.number.desc()).limit(1)
        ).first()
        if row is None:
            return None
        return Snapshot(row.id, row.turn, row.bytes), self._blobs.get(row.blob)

    def _content(self, data: bytes | None, blob: str | None) -> bytes | None:
        if blob is not None:
            return self._blobs.get(blob)
        return None if data is None else bytes(data)


def _this(tenant: str, session: str) -> dict[str, Any]:
    return {"of_tenant": tenant, "of_id": session}


def _moved(record: SessionRecord) -> dict[str, Any]:
    return {
        **_this(record.tenant, record.id),
        "new_used": record.used,
        "new_turns": record.turns,
        "new_saved": record.saved_turn,
        "new_revision": record.revision,
        "new_lost": json.dumps(record.lost) if record.lost else "[]",
    }


def _record(row: Any) -> SessionRecord:
    return SessionRecord(
        tenant=row.tenant,
        id=row.id,
        created=row.created,
        used=row.used,
        turns=row.turns,
        saved_turn=row.saved_turn,
        durability=row.durability,
        recipe=json.loads(row.recipe),
        lost=tuple(LostName(*one) for one in json.loads(row.lost)),
        state_bytes=row.state_bytes,
        revision=row.revision,
    )


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
