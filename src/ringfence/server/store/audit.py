"""Audit rows: written in the transaction of what they tell, each hung on the one before."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import delete, insert, select

from ringfence.database.chain import FIRST, Head, hash_of
from ringfence.errors import StoreNotUsable
from ringfence.server.store.owner import Owner
from ringfence.server.store.tables import audit, audit_archives

__all__ = ["Audit", "AuditRow"]

_AT_ONCE = 1_000
_INSERT = insert(audit)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that was done, or refused.

    Attributes:
        number: from 1, without gaps.
        at: when, by the server's clock.
        kind: what: ``run``, ``denied``, ``key.created``, …
        tenant: whose.
        key_id: the visible part of the key that asked; None where nobody's did.
        details: what else there is to say, as the text of a JSON object.
        previous: the hash of the row before; of the first, 64 zeros.
        hash: SHA-256 of all the above, in hexadecimal.
    """

    number: int
    at: datetime.datetime
    kind: str
    tenant: str
    key_id: str | None
    details: str
    previous: str
    hash: str

    @property
    def told(self) -> str:
        """What it says, in a few words."""
        return f"{self.kind} at {self.at.isoformat()}"

    def expected(self, previous: str) -> str:
        """What its hash would be after a row with the hash ``previous``."""
        return _hash(
            self.number, self.at, self.kind, self.tenant, self.key_id, self.details, previous
        )


class Audit:
    """The audit rows, in a transaction."""

    def __init__(
        self, connection: sqlalchemy.Connection, now: datetime.datetime, owner: Owner
    ) -> None:
        self._connection = connection
        self._now = now
        self._owner = owner
        self._new: list[dict[str, Any]] = []

    def append(
        self, kind: str, tenant: str, key_id: str | None, details: Mapping[str, Any]
    ) -> None:
        """Tell that something was done or refused.

        Args:
            kind: what, as ``run`` or ``key.revoked``; at most 64 characters.
            tenant: whose.
            key_id: the visible part of the key that asked; None where there is none.
            details: JSON values: hashes of code, names of grants; never code, values or secrets.

        Raises:
            ValueError, TypeError: one of these is nothing that a row can hold.
        """
        # Rows are written together: what one of them cannot hold would fail all.
        for text, most in ((kind, 64), (tenant, 64), (key_id or "", 16)):
            if len(text) > most or not text.isascii() or "\0" in text:
                raise ValueError(f"no text of an audit row: {text[:80]!a}")
        # ASCII: a NUL, or half of a surrogate pair, is no text for PostgreSQL.
        text = json.dumps(details, sort_keys=True, separators=(",", ":"), allow_nan=False)
        owner = self._owner
        number, previous = owner.audit_number + 1, owner.audit_hash
        hashed = _hash(number, self._now, kind, tenant, key_id, text, previous)
        self._new.append(
            {
                "number": number,
                "at": self._now,
                "kind": kind,
                "tenant": tenant,
                "key_id": key_id,
                "details": text,
                "previous": previous,
                "hash": hashed,
            }
        )
        owner.audit_number, owner.audit_hash = number, hashed

    def head(self) -> Head:
        """The end of the chain, as it is told beside it."""
        return Head(self._owner.audit_number, self._owner.audit_hash)

    def base(self, before: int | None = None) -> Head:
        """The last row that was taken out into a file; the beginning of the chain if none was.

        Args:
            before: of those taken out before the row with this number.
        """
        query = select(audit_archives.c.number, audit_archives.c.hash)
        if before is not None:
            query = query.where(audit_archives.c.number < before)
        row = self._connection.execute(query.order_by(audit_archives.c.number.desc())).first()
        return Head(0, FIRST) if row is None else Head(row.number, row.hash)

    def is_base(self, head: Head) -> bool:
        """Whether what was taken out at some time ended with this row."""
        query = select(audit_archives.c.hash).where(audit_archives.c.number == head.number)
        return self._connection.scalar(query) == head.hash

    def take_out(self, base: Head, last: Head) -> None:
        """Take rows out at the beginning, which were written to a file: the hash of the last one
        stays, so that the chain goes on from it.

        Args:
            base: where the chain began when they were read.
            last: the last of them.

        Raises:
            StoreNotUsable: others were taken out meanwhile, or the last is another row.
        """
        there = self._connection.scalar(select(audit.c.hash).where(audit.c.number == last.number))
        if base != self.base() or there != last.hash:
            raise StoreNotUsable("the audit log was changed meanwhile; nothing was taken out")
        self._connection.execute(delete(audit).where(audit.c.number <= last.number))
        self._connection.execute(
            insert(audit_archives),
            {"number": last.number, "hash": last.hash, "at": self._now},
        )
        told = {"first": base.number + 1, "last": last.number, "hash": last.hash}
        self.append("audit.archived", "", None, told)

    def rows(self, after: int = 0, most: int | None = None) -> Iterator[AuditRow]:
        """All rows in order, or those after a number; read in pieces. Those that this transaction
        appends are not among them.
        """
        while most is None or most > 0:
            wanted = _AT_ONCE if most is None else min(most, _AT_ONCE)
            query = select(audit).where(audit.c.number > after)
            found = self._connection.execute(query.order_by(audit.c.number).limit(wanted)).all()
            for row in found:
                yield AuditRow(*row)
            if len(found) < wanted:
                return
            after, most = found[-1].number, None if most is None else most - len(found)

    def last(
        self, most: int, *, tenant: str | None = None, kind: str | None = None
    ) -> list[AuditRow]:
        """The newest rows, in order.

        Args:
            most: how many.
            tenant: only of it.
            kind: only such.
        """
        query = select(audit).order_by(audit.c.number.desc()).limit(most)
        if tenant is not None:
            query = query.where(audit.c.tenant == tenant)
        if kind is not None:
            query = query.where(audit.c.kind == kind)
        return [AuditRow(*row) for row in reversed(self._connection.execute(query).all())]

    def flush(self) -> None:
        """Write what was appended: all of a transaction in one statement."""
        if self._new:
            self._connection.execute(_INSERT, self._new)
            self._new = []

    def mark(self) -> Any:
        """Where the chain is now, for :meth:`undo`."""
        return len(self._new), self._owner.audit_number, self._owner.audit_hash

    def undo(self, mark: Any) -> None:
        """Forget what was appended since."""
        kept, self._owner.audit_number, self._owner.audit_hash = mark
        del self._new[kept:]


def _hash(
    number: int,
    at: datetime.datetime,
    kind: str,
    tenant: str,
    key_id: str | None,
    details: str,
    previous: str,
) -> str:
    at = at.astimezone(datetime.UTC)
    return hash_of(number, at.isoformat(), kind, tenant, key_id, details, previous)
