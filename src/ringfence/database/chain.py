"""The chain that audit rows hang on: each holds the hash of the one before.

A row that is changed, left out or put in later breaks every hash after it. A chain that is written
anew from some row on holds again; against that, note its head (:class:`Head`) somewhere that the
database's owner cannot write, and verify with it later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ringfence.errors import RingfenceError

__all__ = ["FIRST", "Chained", "Head", "hash_of", "verify"]

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


class Chained(Protocol):
    """A row of a chain."""

    @property
    def number(self) -> int:
        """Its place, from 1."""

    @property
    def previous(self) -> str:
        """The hash of the row before it."""

    @property
    def hash(self) -> str:
        """Its own."""

    @property
    def told(self) -> str:
        """What it says, for people, in a few words."""

    def expected(self, previous: str) -> str:
        """What its hash would be after a row with the hash ``previous``."""


def hash_of(*values: Any) -> str:
    """SHA-256 over a row's values in JSON without spaces, keys in order."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(
    rows: Iterable[Chained],
    head: Head,
    *,
    noted: Head | None,
    refused: type[RingfenceError],
    base: Head = Head(0, FIRST),
) -> int:
    """Verify a whole chain, or what is left of one; gives the number of its last row.

    Args:
        rows: all, in order.
        head: what the database says of the end.
        noted: a head that was noted earlier: the row must still be there, unchanged.
        refused: what is raised.
        base: the last row of what was taken out at the beginning, which is not looked at.

    Raises:
        RingfenceError: of the kind ``refused``: it does not hold; the message names the first row
            that is wrong.
    """
    previous, count, met = base.hash, base.number, noted in (None, Head(0, FIRST), base)
    for count, row in enumerate(rows, base.number + 1):
        if row.number != count:
            raise refused(
                f"the audit chain is broken: row {count} is missing, row {row.number} follows"
            )
        if row.previous != previous or row.hash != row.expected(previous):
            raise refused(
                f"the audit chain is broken: row {count} ({row.told}) is not what was written; "
                "compare it with a backup"
            )
        previous = row.hash
        met = met or (noted is not None and noted == Head(count, row.hash))
    if (count, previous) != (head.number, head.hash):
        raise refused(
            f"the audit chain is broken: it ends at row {count}, and row {head.number} was written"
        )
    if not met:
        assert noted is not None
        raise refused(
            f"the audit chain was written anew: row {noted.number} is not the one that was noted"
        )
    return count
