"""One transaction, and what can be read and changed in it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy

from ringfence.server.store.accounts import Accounts
from ringfence.server.store.audit import Audit
from ringfence.server.store.blobs import Blobs, Folder
from ringfence.server.store.owner import Owner
from ringfence.server.store.receipts import Receipts
from ringfence.server.store.sessions import Sessions
from ringfence.server.store.usage import Usage

__all__ = ["Work"]

T = TypeVar("T")


class Work:
    """One transaction: all of it is kept, or nothing.

    Attributes:
        now: when it began, with a zone.
        connection: in the transaction.
        accounts: tenants and keys.
        usage: what each tenant used, by day.
        audit: what was done and refused.
        blobs: bytes that rows point at.
        sessions: the sessions of all tenants.
        receipts: which keyed requests have begun, and what came of them.
    """

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        now: datetime.datetime,
        owner: Owner,
        folder: Folder | None,
    ) -> None:
        self.now = now
        self.connection = connection
        self.audit = Audit(connection, now, owner)
        self.accounts = Accounts(connection, now, owner, self.audit)
        self.usage = Usage(connection, now)
        self.blobs = Blobs(connection, folder)
        self.sessions = Sessions(connection, self.blobs, now)
        self.receipts = Receipts(connection, self.blobs, now)
        self._owner = owner

    def part(self, change: Callable[[Work], T]) -> T:
        """Run a change of its own within the transaction: if it raises, only it is undone."""
        audit, blobs, access = self.audit.mark(), self.blobs.mark(), self._owner.access
        try:
            with self.connection.begin_nested():
                return change(self)
        except BaseException:
            self.audit.undo(audit)
            self.blobs.undo(blobs)
            self._owner.access = access
            raise
