"""Receipts: which keyed requests have begun and what came of them, so that none is run twice."""

from __future__ import annotations

import datetime
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import bindparam, delete, insert, select, update

from ringfence.server.store.blobs import portions
from ringfence.server.store.session_tables import INLINE, receipts

if TYPE_CHECKING:
    from ringfence.server.store.blobs import Blobs
    from ringfence.server.store.stored import Stored

__all__ = ["Receipt", "Receipts", "pack"]

_THIS = (receipts.c.tenant == bindparam("of_tenant"), receipts.c.key == bindparam("of_key"))
_GET = select(receipts).where(*_THIS)
_INSERT = insert(receipts)
_FINISH = (
    update(receipts)
    .where(*_THIS)
    .values(
        finished=bindparam("new_finished"),
        reply=bindparam("new_reply"),
        blob=bindparam("new_blob"),
        bytes=bindparam("new_bytes"),
    )
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A keyed request that has begun.

    Attributes:
        fingerprint: of what was asked.
        epoch: of the server that began it.
        run_id: the run's.
        session: where it ran.
        reply: what was answered, as JSON; None while it was not.
        dropped: it was answered, and the reply was not kept: its tenant may have no more bytes.
    """

    fingerprint: str
    epoch: int
    run_id: str
    session: str | None
    reply: bytes | None
    dropped: bool = False


def pack(reply: bytes) -> bytes:
    """A reply as a receipt keeps it."""
    return zlib.compress(reply, 1)


class Receipts:
    """The receipts of all tenants."""

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        blobs: Blobs,
        stored: Stored,
        now: datetime.datetime,
    ) -> None:
        self._connection, self._blobs, self._now = connection, blobs, now
        self._stored = stored

    def find(self, tenant: str, key: str, since: datetime.datetime) -> Receipt | None:
        """The receipt of a key; None if there is none that began since then."""
        row = self._connection.execute(_GET, {"of_tenant": tenant, "of_key": key}).first()
        if row is None or row.began < since:
            return None
        packed = row.reply if row.blob is None else self._blobs.get(row.blob)
        reply = None if packed is None else zlib.decompress(packed)
        dropped = reply is None and row.finished is not None
        return Receipt(row.fingerprint, row.epoch, row.run_id, row.session, reply, dropped)

    def begin(
        self,
        tenant: str,
        key: str,
        *,
        fingerprint: str,
        epoch: int,
        run_id: str,
        session: str | None,
        since: datetime.datetime,
    ) -> Receipt | None:
        """Say that a request begins; or give the receipt that says so already."""
        found = self.find(tenant, key, since)
        if found is not None:
            return found
        self._drop(tenant, key)
        self._connection.execute(
            _INSERT,
            {
                "tenant": tenant,
                "key": key,
                "fingerprint": fingerprint,
                "epoch": epoch,
                "run_id": run_id,
                "session": session,
                "began": self._now,
            },
        )
        return None

    def finish(self, tenant: str, key: str, packed: bytes) -> None:
        """Say what was answered, as :func:`pack` gives it. Where its tenant may have no more bytes,
        only that it was answered: it is not run again.
        """
        fits = len(packed) <= self._stored.left(tenant)
        small = len(packed) <= INLINE
        if fits:
            self._stored.add(tenant, len(packed))
        self._connection.execute(
            _FINISH,
            {
                "of_tenant": tenant,
                "of_key": key,
                "new_finished": self._now,
                "new_reply": packed if small and fits else None,
                "new_blob": None if small or not fits else self._blobs.put(packed),
                "new_bytes": len(packed) if fits else 0,
            },
        )

    def forget(self, tenant: str, key: str) -> None:
        """Nothing was run: the key may be used again."""
        self._drop(tenant, key)

    def any_before(self, moment: datetime.datetime) -> bool:
        """Whether one began before."""
        found = self._connection.execute(
            select(receipts.c.key).where(receipts.c.began < moment).limit(1)
        )
        return found.first() is not None

    def forget_before(self, moment: datetime.datetime, limit: int) -> int:
        """Drop those that began before; at most so many. Returns how many."""
        rows = self._connection.execute(
            select(receipts.c.tenant, receipts.c.key, receipts.c.blob, receipts.c.bytes)
            .where(receipts.c.began < moment)
            .order_by(receipts.c.began)
            .limit(limit)
        ).all()
        keys: dict[str, list[str]] = {}
        for tenant, key, _, count in rows:
            keys.setdefault(tenant, []).append(key)
            self._stored.add(tenant, -count)
        for tenant, its in keys.items():
            for some in portions(its):
                these = receipts.c.tenant == tenant, receipts.c.key.in_(some)
                self._connection.execute(delete(receipts).where(*these))
        self._blobs.drop_all([row.blob for row in rows if row.blob is not None])
        return len(rows)

    def _drop(self, tenant: str, key: str) -> None:
        this = {"of_tenant": tenant, "of_key": key}
        row = self._connection.execute(_GET, this).first()
        if row is not None:
            if row.blob is not None:
                self._blobs.drop(row.blob)
            self._stored.add(tenant, -row.bytes)
            self._connection.execute(delete(receipts).where(*_THIS), this)
