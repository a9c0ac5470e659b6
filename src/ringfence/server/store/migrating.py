"""The steps that bring a service's database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from ringfence.database.migrating import Steps
from ringfence.errors import StoreNotUsable

__all__ = ["STEPS", "WHAT"]

WHAT = "the service's database"

STEPS = Steps(
    Path(__file__).parent / "migrations/versions",
    what=WHAT,
    remedy="ringfence serve (or ringfence tenants list)",
    refused=StoreNotUsable,
)
