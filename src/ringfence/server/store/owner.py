"""The row that says whose the database is; whoever writes locks it first."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import bindparam, select, update

from ringfence.errors import StoreNotUsable
from ringfence.server.store.tables import owner

__all__ = ["Owner"]

_COLUMNS = (
    owner.c.name,
    owner.c.epoch,
    owner.c.batch,
    owner.c.access,
    owner.c.audit_number,
    owner.c.audit_hash,
)
_READ = select(*_COLUMNS)
_LOCK = _READ.with_for_update()
_KEEP = update(owner).values(
    {column: bindparam(f"new_{column.name}") for column in _COLUMNS if column is not owner.c.name}
)


@dataclass(slots=True)
class Owner:
    """What the row says, and will say when the transaction is kept.

    Attributes:
        name: of the database, chosen at random when it was made.
        epoch: of the server that owns the database; each that starts takes the next.
        batch: how many transactions that server has kept.
        access: how often keys and tenants were changed.
        audit_number: how many audit rows there are.
        audit_hash: of the last one.
    """

    name: str
    epoch: int
    batch: int
    access: int
    audit_number: int
    audit_hash: str

    @classmethod
    def read(cls, connection: sqlalchemy.Connection, *, locked: bool = False) -> Owner:
        """The row; ``locked`` until the transaction ends.

        Raises:
            StoreNotUsable: it was removed.
        """
        row = connection.execute(_LOCK if locked else _READ).first()
        if row is None:
            raise StoreNotUsable("the service's database has no owner: its row was removed")
        return cls(*row)

    def keep(self, connection: sqlalchemy.Connection) -> None:
        """Write it."""
        connection.execute(
            _KEEP,
            {
                "new_epoch": self.epoch,
                "new_batch": self.batch,
                "new_access": self.access,
                "new_audit_number": self.audit_number,
                "new_audit_hash": self.audit_hash,
            },
        )
