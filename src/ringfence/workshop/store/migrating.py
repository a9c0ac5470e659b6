"""The steps that bring a workshop's database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from ringfence.database.migrating import Steps
from ringfence.errors import WorkshopNotUsable

__all__ = ["STEPS", "WHAT"]

WHAT = "the workshop's database"

STEPS = Steps(
    Path(__file__).parent / "migrations/versions",
    what=WHAT,
    remedy="ringfence workshop migrate",
    refused=WorkshopNotUsable,
)
