"""Which database: a file of SQLite's, or one on a PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ringfence.errors import ConfigurationError

__all__ = ["read_address"]


def read_address(database: str, what: str) -> URL:
    """The address of a database.

    Args:
        database: ``sqlite:///path``, ``postgresql://user@host/name``, or the path of a file, which
            is SQLite.
        what: whose it is, for people: ``the workshop's database``.

    Raises:
        ConfigurationError: it is none, or of a kind that is not supported.
    """
    if "://" not in database:
        return URL.create("sqlite", database=str(Path(database).absolute()))
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"{what}: write sqlite:///path or postgresql://user@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    raise ConfigurationError(
        f"{what}: {url.render_as_string(hide_password=True)} is not supported; "
        "it may be a file of SQLite's (sqlite:///path) or on a PostgreSQL server "
        "(postgresql://user@host/name)"
    )
