"""Bringing a database to the schema of this version: Alembic, with a folder of steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ringfence.errors import RingfenceError

__all__ = ["Steps"]

_ENVIRONMENT = Path(__file__).parent / "steps"
_LOCK = 0x52494E47  # any number that nothing else in this database locks


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one kind of database.

    Attributes:
        folder: of the steps, a module each.
        what: whose database it is, for people: ``the workshop's database``.
        remedy: the command that brings it to this version.
        refused: what is raised about a database that is of another version.
    """

    folder: Path
    what: str
    remedy: str
    refused: type[RingfenceError]

    @property
    def newest(self) -> str:
        """The revision of this version."""
        head = ScriptDirectory.from_config(self.config()).get_current_head()
        assert head is not None
        return head

    def migrate(self, connection: sqlalchemy.Connection, name: str) -> tuple[str | None, str]:
        """Bring a database to this version; gives the revisions before and after.

        Args:
            connection: in a transaction that writes.
            name: of the database, for people.

        Raises:
            RingfenceError: of the kind ``refused``: it is of a newer version.
        """
        if (
            connection.dialect.name == "postgresql"
        ):  # two servers that start together: one after another
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(_LOCK)))
        before = self._revision(connection, name)
        newest = self.newest
        if before != newest:
            command.upgrade(self.config(connection), "head")
        return before, newest

    def check(self, connection: sqlalchemy.Connection, name: str) -> None:
        """Let a database pass that is of this version.

        Raises:
            RingfenceError: of the kind ``refused``: it is of another.
        """
        if self._revision(connection, name) != self.newest:
            raise self.refused(
                f"{self.what} {name} is of an older Ringfence, or empty; bring it to this "
                f"version with: {self.remedy}"
            )

    def config(self, connection: sqlalchemy.Connection | None = None) -> Config:
        """What Alembic needs to know."""
        config = Config()
        config.set_main_option("script_location", str(_ENVIRONMENT).replace("%", "%%"))
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")  # which no folder of ours has
        config.attributes["connection"] = connection
        return config

    def _revision(self, connection: sqlalchemy.Connection, name: str) -> str | None:
        """The database's revision, which is one that this version knows; None if it is empty."""
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None:
            return None
        script = ScriptDirectory.from_config(self.config())
        if current not in {one.revision for one in script.walk_revisions()}:
            raise self.refused(
                f"{self.what} {name} is of a newer Ringfence (revision {current[:40]!r}); "
                "use that version, or a backup from before"
            )
        return current
