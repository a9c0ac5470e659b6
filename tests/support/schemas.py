"""What a database says of its tables, to compare with another."""

from __future__ import annotations

from typing import Any

import sqlalchemy

__all__ = ["described"]


def described(engine: sqlalchemy.Engine) -> dict[str, Any]:
    """All that a database says of its tables."""
    found = sqlalchemy.inspect(engine)
    return {
        table: {
            "columns": [{**one, "type": str(one["type"])} for one in found.get_columns(table)],
            "primary key": found.get_pk_constraint(table),
            "foreign keys": sorted(found.get_foreign_keys(table), key=str),
            "unique": sorted(found.get_unique_constraints(table), key=str),
            "checks": sorted(found.get_check_constraints(table), key=str),
            "indexes": [_plain(one) for one in found.get_indexes(table)],
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _plain(index: Any) -> dict[str, Any]:
    options = {name: str(value) for name, value in index["dialect_options"].items()}
    return {**index, "dialect_options": options}
