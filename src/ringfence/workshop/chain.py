"""The chain of a workshop's audit rows: :mod:`ringfence.database.chain` over what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ringfence.database.chain import Head, hash_of

__all__ = ["Head", "chain_hash"]


def chain_hash(
    number: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    previous: str,
) -> str:
    """A row's hash; times are hashed in UTC."""
    at = at.astimezone(UTC)
    return hash_of(number, at.isoformat(), actor, action, subject, detail, previous)
