"""How many bytes are kept of each tenant: counted in the transaction that keeps them.

What counts are saved states, files and snapshots of sessions, and replies to keyed requests as they
are kept. A change that makes them more than its tenant may have is undone as a whole.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from ringfence.server.problems import Fault, Problem
from ringfence.server.store.tables import stored, tenants

__all__ = ["USUAL", "Stored"]

USUAL = 4 << 30
"""Bytes that are kept of a tenant for which nobody has said how many."""

_OWN = select(tenants.c.stored_bytes).where(tenants.c.name == stored.c.tenant).scalar_subquery()

_BOTH = select(
    select(stored.c.bytes).where(stored.c.tenant == bindparam("of_tenant")).scalar_subquery(),
    select(tenants.c.stored_bytes)
    .where(tenants.c.name == bindparam("of_tenant"))
    .scalar_subquery(),
)


def _adding(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["tenant"], set_={"bytes": stored.c.bytes + insert.excluded.bytes}
    ).returning(stored.c.bytes, _OWN)


_ADD = {
    "sqlite": _adding(sqlite.insert(stored)),
    "postgresql": _adding(postgresql.insert(stored)),
}


class Stored:
    """The bytes of all tenants.

    Args:
        connection: in a transaction.
        usual: what a tenant may have that has no quota of its own.
    """

    def __init__(self, connection: sqlalchemy.Connection, usual: int) -> None:
        self._connection = connection
        self._usual = usual
        self._more: dict[str, int] = {}

    def add(self, tenant: str, count: int) -> None:
        """Count more bytes of a tenant, or fewer; :meth:`settle` tells the database."""
        self._more[tenant] = self._more.get(tenant, 0) + count

    def left(self, tenant: str) -> int:
        """How many bytes more it may have, after what was counted in this change; none is 0."""
        has, own = self._connection.execute(_BOTH, {"of_tenant": tenant}).one()
        may = self._usual if own is None else own
        return max(0, may - (has or 0) - self._more.get(tenant, 0))

    def settle(self) -> None:
        """Write what was counted since a change began.

        Raises:
            Problem: ``quota``: it has become more, and more than the tenant may have.
        """
        counted, self._more = self._more, {}
        for tenant, more in counted.items():
            if not more:
                continue
            add = _ADD[self._connection.dialect.name]
            row = self._connection.execute(add, {"tenant": tenant, "bytes": more}).one()
            has, own = row
            may = self._usual if own is None else own
            if more > 0 and has > may:
                raise _used_up(may, has)

    def forget(self) -> None:
        """The change is undone."""
        self._more = {}

    def of_all(self) -> dict[str, int]:
        """Bytes by tenant."""
        found = self._connection.execute(select(stored.c.tenant, stored.c.bytes))
        return {row.tenant: row.bytes for row in found}


def _used_up(may: int, has: int) -> Problem:
    expected = f"at most {may} bytes of saved states, files, snapshots and replies"
    return Problem(
        "quota",
        f"the quota stored-bytes is used up: {expected}, and with this it would be {has}; nothing "
        "of this request was kept. Delete sessions, files or snapshots",
        retry_after=60.0,
        errors=[Fault("quota:stored-bytes", expected, str(has))],
    )
