"""The tables of every version of the format, and the way from each to the next.

A file says what it is in SQLite's own header: ``application_id`` is that of this format, and
``user_version`` the version of its tables. https://www.sqlite.org/fileformat2.html

Rules: a version that was released never changes here. A change of the tables is a new version, with
its tables and one migration, which is tested with a golden file of the version before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

__all__ = ["APPLICATION_ID", "MIGRATIONS", "TABLES", "VERSION"]

APPLICATION_ID = 0x5657_4B31  # "VWK1"
VERSION = 3

_ELEMENTS = (
    "CREATE TABLE elements (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, layer TEXT NOT NULL,"
    " color INTEGER, kind TEXT NOT NULL, fields TEXT NOT NULL)"
)
_LAYERS = (
    "CREATE TABLE layers (name TEXT PRIMARY KEY, color INTEGER NOT NULL, visible INTEGER NOT NULL)"
)
_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"

TABLES: dict[int, dict[str, str]] = {
    1: {
        "meta": _META,
        "layers": "CREATE TABLE layers (name TEXT PRIMARY KEY, color INTEGER NOT NULL)",
        "elements": _ELEMENTS,
    },
    # Layers can be hidden; definitions of blocks, and what their instances looked like last.
    2: {
        "meta": _META,
        "layers": _LAYERS,
        "elements": _ELEMENTS,
        "blocks": "CREATE TABLE blocks (name TEXT PRIMARY KEY, source TEXT NOT NULL)",
        "geometry": (
            "CREATE TABLE geometry (id INTEGER PRIMARY KEY, key TEXT NOT NULL, box TEXT NOT NULL,"
            " data BLOB NOT NULL)"
        ),
    },
    # Definitions say who wrote them; results are kept by what they depend on, in pieces, and no
    # longer by instance.
    3: {
        "meta": _META,
        "layers": _LAYERS,
        "elements": _ELEMENTS,
        "blocks": (
            "CREATE TABLE blocks (name TEXT PRIMARY KEY, source TEXT NOT NULL,"
            " publisher TEXT NOT NULL)"
        ),
        "results": "CREATE TABLE results (piece INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    },
}
"""For each version the tables by name, exactly as the file has to have them."""


def _to_2(database: sqlite3.Connection) -> None:
    database.execute("ALTER TABLE layers RENAME TO old_layers")
    for name in ("layers", "blocks", "geometry"):
        database.execute(TABLES[2][name])
    database.execute("INSERT INTO layers SELECT name, color, 1 FROM old_layers")
    database.execute("DROP TABLE old_layers")


def _to_3(database: sqlite3.Connection) -> None:
    database.execute("ALTER TABLE blocks RENAME TO old_blocks")
    for name in ("blocks", "results"):
        database.execute(TABLES[3][name])
    database.execute("INSERT INTO blocks SELECT name, source, '' FROM old_blocks ORDER BY rowid")
    database.execute("DROP TABLE old_blocks")
    database.execute("DROP TABLE geometry")


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2, 2: _to_3}
"""For each version what makes it the next one."""
