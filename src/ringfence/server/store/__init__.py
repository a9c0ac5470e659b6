"""The service's database: one owner, one writer, nothing acknowledged that is not kept."""

from __future__ import annotations

from ringfence.server.store.database import Store
from ringfence.server.store.work import Work

__all__ = ["Store", "Work"]
