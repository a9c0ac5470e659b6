"""The chain that audit rows hang on: each holds the hash of the one before.

A row that is changed, left out or put in later breaks every hash after it. A chain that is written
anew from some row on holds again; against that, note its head (:class:`Head`) somewhere that the
database's owner cannot write, and verify with it later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ringfence.errors import WorkshopNotUsable
from ringfence.workshop.records import AuditRow

__all__ = ["FIRST", "Head", "chain_hash", "verify_chain"]

FIRST = "0" * 64
"""What the first row holds in place of a hash."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain.

    Attributes:
        number: how many rows there are.
        hash: of the last.
    """

    number: int
    hash: str


def chain_hash(
    number: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    previous: str,
) -> str:
    """SHA-256 over a row's values in JSON without spaces, keys in order, times in UTC."""
    values = [number, at.astimezone(UTC).isoformat(), actor, action, subject, detail, previous]
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_chain(rows: Iterable[AuditRow], head: Head, *, noted: Head | None = None) -> int:
    """Verify a whole chain; gives how many rows it has.

    Args:
        rows: all, in order.
        head: what the database says of the end.
        noted: a head that was noted earlier: the row must still be there, unchanged.

    Raises:
        WorkshopNotUsable: it does not hold; the message names the first row that is wrong.
    """
    previous, count, met = FIRST, 0, noted is None or noted == Head(0, FIRST)
    for count, row in enumerate(rows, 1):
        if row.number != count:
            raise WorkshopNotUsable(
                f"the audit chain is broken: row {count} is missing, row {row.number} follows"
            )
        expected = chain_hash(
            row.number, row.at, row.actor, row.action, row.subject, row.detail, previous
        )
        if row.previous != previous or row.hash != expected:
            raise WorkshopNotUsable(
                f"the audit chain is broken: row {count} ({row.action} at {row.at.isoformat()}) "
                "is not what was written; compare it with a backup"
            )
        previous = row.hash
        met = met or (noted is not None and noted == Head(count, row.hash))
    if (count, previous) != (head.number, head.hash):
        raise WorkshopNotUsable(
            f"the audit chain is broken: it ends at row {count}, and row {head.number} was written"
        )
    if not met:
        assert noted is not None
        raise WorkshopNotUsable(
            f"the audit chain was written anew: row {noted.number} is not the one that was noted"
        )
    return count
