"""The workshop's database, and the only place that knows SQLAlchemy and Alembic."""

from __future__ import annotations

from ringfence.workshop.store.database import Store, Work

__all__ = ["Store", "Work"]
