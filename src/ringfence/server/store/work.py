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
from ringfence.server.store.stored import USUAL, Stored
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
        stored: how many bytes are kept of each tenant.
    """

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        now: datetime.datetime,
        owner: Owner,
        folder: Folder | None,
        stored_bytes: int = USUAL,
    ) -> None:
        self.now = now
        self.connection = connection
        self.audit = Audit(connection, now, owner)
        self.accounts = Accounts(connection, now, owner, self.audit)
        self.usage = Usage(connection, now)
        self.blobs = Blobs(connection, folder)
        self.stored = Stored(connection, stored_bytes)
        self.sessions = Sessions(connection, self.blobs, self.stored, now)
        self.receipts = Receipts(connection, self.blobs, self.stored, now)
        self._owner = owner

    def whole(self, change: Callable[[Work], T]) -> T:
        """Run a change that is all of the transaction: if it raises, all is undone.

        Raises:
            Problem: ``quota``: more would be kept of a tenant than it may have.
        """
        value = change(self)
        self.stored.settle()
        return value

    def part(self, change: Callable[[Work], T]) -> T:
        """Run a change of its own within the transaction: if it raises, only it is undone."""
        audit, blobs, access = self.audit.mark(), self.blobs.mark(), self._owner.access
        try:
            with self.connection.begin_nested():
                return self.whole(change)
        except BaseException:
            self.audit.undo(audit)
            self.blobs.undo(blobs)
            self._owner.access = access
            self.stored.forget()
            raise
