"""Adding a row that may collide with one that somebody else adds at the same time."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ringfence.workshop.store.models import Base

__all__ = ["insert"]


def insert(session: Session, row: Base) -> bool:
    """Add a row at once; False where a unique value is there already, and nothing was added.

    Whoever looks first and adds afterwards may still be second; the database tells.
    """
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True
