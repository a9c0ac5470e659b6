"""Audit rows: written in the transaction of what they tell, each hung on the one before."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ringfence.errors import WorkshopNotUsable
from ringfence.workshop.chain import Head, chain_hash
from ringfence.workshop.records import AuditRow
from ringfence.workshop.store.models import AuditEntry, ChainRow

__all__ = ["Audit"]

_AT_ONCE = 500


class Audit:
    """The audit rows, in a transaction."""

    def __init__(self, session: Session, now: datetime.datetime) -> None:
        self._session = session
        self._now = now

    def add(self, actor: str, action: str, subject: str, **detail: Any) -> None:
        """Tell that something was done.

        Args:
            actor: who: an account, ``operator`` for the command line, ``workshop`` for itself.
            action: what, as ``release.revoked``.
            subject: to what.
            detail: JSON values.
        """
        # The lock is held to the end of the transaction: rows are in the order of the chain.
        end = self._session.scalar(select(ChainRow).with_for_update())
        if end is None:
            raise WorkshopNotUsable("the audit chain has no end: its row was removed")
        number = end.number + 1
        hashed = chain_hash(number, self._now, actor, action, subject, detail, end.hash)
        self._session.add(
            AuditEntry(
                number=number,
                at=self._now,
                actor=actor,
                action=action,
                subject=subject,
                detail=detail,
                previous=end.hash,
                hash=hashed,
            )
        )
        end.number, end.hash = number, hashed
        self._session.flush()

    def head(self) -> Head:
        """The end of the chain.

        Raises:
            WorkshopNotUsable: it is missing.
        """
        end = self._session.scalar(select(ChainRow))
        if end is None:
            raise WorkshopNotUsable("the audit chain has no end: its row was removed")
        return Head(end.number, end.hash)

    def rows(self, after: int = 0, most: int | None = None) -> Iterator[AuditRow]:
        """All rows in order, or those after a number; read in pieces."""
        while most is None or most > 0:
            wanted = _AT_ONCE if most is None else min(most, _AT_ONCE)
            query = select(AuditEntry).where(AuditEntry.number > after)
            found = self._session.scalars(query.order_by(AuditEntry.number).limit(wanted)).all()
            for row in found:
                yield AuditRow(
                    number=row.number,
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    subject=row.subject,
                    detail=_plain(row.detail),
                    previous=row.previous,
                    hash=row.hash,
                )
            self._session.expunge_all()
            if len(found) < wanted:
                return
            after, most = found[-1].number, None if most is None else most - len(found)


def _plain(detail: Any) -> Mapping[str, Any]:
    return detail if isinstance(detail, dict) else {"": detail}
