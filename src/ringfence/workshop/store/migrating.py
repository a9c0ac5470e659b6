"""Bringing a database to the schema of this version: Alembic, with the steps in ``migrations/``."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ringfence.errors import WorkshopNotUsable

__all__ = ["check_revision", "migrate", "newest_revision"]

_STEPS = Path(__file__).parent / "migrations"
_LOCK = 0x52494E47  # any number that nothing else in this database locks


def _config(connection: sqlalchemy.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision of this version."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def migrate(connection: sqlalchemy.Connection, name: str) -> tuple[str | None, str]:
    """Bring a database to this version, within a transaction; gives the revisions before and after.

    Args:
        connection: in a transaction that writes.
        name: of the database, for people.

    Raises:
        WorkshopNotUsable: it is of a newer version.
    """
    if (
        connection.dialect.name == "postgresql"
    ):  # two servers that start together: one after another
        connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(_LOCK)))
    before = _revision(connection, name)
    newest = newest_revision()
    if before != newest:
        command.upgrade(_config(connection), "head")
    return before, newest


def check_revision(connection: sqlalchemy.Connection, name: str) -> None:
    """Let a database pass that is of this version.

    Raises:
        WorkshopNotUsable: it is of another.
    """
    if _revision(connection, name) != newest_revision():
        raise WorkshopNotUsable(
            f"the workshop's database {name} is of an older Ringfence, or empty; bring it to this "
            "version with: ringfence workshop migrate"
        )


def _revision(connection: sqlalchemy.Connection, name: str) -> str | None:
    """The database's revision, which is one that this version knows; None if it is empty."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return None
    known = {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current not in known:
        raise WorkshopNotUsable(
            f"the workshop's database {name} is of a newer Ringfence (revision {current[:40]!r}); "
            "use that version, or a backup from before"
        )
    return current
