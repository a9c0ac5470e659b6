"""The tables, and how older ones become these."""

from __future__ import annotations

import sqlalchemy as sa

from worldgen.errors import StoreNotUsable

__all__ = ["SCHEMA_VERSION", "links", "prepare", "worlds"]

SCHEMA_VERSION = 1

_metadata = sa.MetaData()

schema = sa.Table("worldgen_schema", _metadata, sa.Column("version", sa.Integer, primary_key=True))

worlds = sa.Table(
    "worldgen_world",
    _metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("sea_level", sa.Float, nullable=False),
    sa.Column("relief", sa.Float, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created", sa.Integer, nullable=False),
)

links = sa.Table(
    "worldgen_link",
    _metadata,
    sa.Column(
        "world", sa.String(32), sa.ForeignKey(worlds.c.id, ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("draft", sa.Boolean, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("version", sa.String(32), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.UniqueConstraint("world", "draft", "name"),
)


def prepare(engine: sa.Engine) -> None:
    """Make the tables where there are none.

    Raises:
        StoreNotUsable: they are of a newer version of this program.
    """
    with engine.begin() as connection:
        _metadata.create_all(connection)
        found = connection.execute(sa.select(schema.c.version)).scalars().all()
        if not found:
            connection.execute(schema.insert().values(version=SCHEMA_VERSION))
        elif found != [SCHEMA_VERSION]:
            raise StoreNotUsable(
                f"the database of worlds has version {max(found)}, and this program knows "
                f"{SCHEMA_VERSION}: use the program that wrote it, or a newer one"
            )
