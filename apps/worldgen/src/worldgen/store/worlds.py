"""Worlds: a name, settings, and a chain of plugins that belongs to that world alone."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from worldgen.chains import Chain, Link, Settings, check_chain
from worldgen.errors import NotFound, Outdated, StoreNotUsable, WorldRefused
from worldgen.store import tables

__all__ = ["MOST_WORLDS", "World", "Worlds"]

MOST_WORLDS = 1_000
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class World:
    """A world as it is kept.

    Attributes:
        id: names it in addresses; unguessable, and never used again.
        name: for people.
        settings: seed, level of the sea, relief.
        chain: its plugins, which tiles are made with.
        draft: another chain that somebody looks at before it becomes the world's; None if there is
            none.
        revision: goes up with every change of settings or chain.
        created: seconds since 1970.
    """

    id: str
    name: str
    settings: Settings
    chain: Chain
    draft: Chain | None
    revision: int
    created: int


class Worlds:
    """The worlds of a server. Any number of threads may use it.

    Args:
        address: of the database, as SQLAlchemy has it: ``sqlite:////folder/worlds.sqlite3``.

    Raises:
        StoreNotUsable: there is none to be had there, or it is a newer one.
    """

    def __init__(self, address: str) -> None:
        with _reporting():
            self._engine = sa.create_engine(address)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
                sa.event.listen(self._engine, "begin", _begin_sqlite)
            tables.prepare(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def create(self, name: str, settings: Settings, chain: Chain = ()) -> World:
        """A new world.

        Raises:
            WorldRefused: its name or its chain will not do, or there are too many.
        """
        name = _check_name(name)
        number = secrets.token_hex(8)
        with self._changing() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(tables.worlds))
            if count.scalar_one() >= MOST_WORLDS:
                raise WorldRefused(f"there are {MOST_WORLDS} worlds already; delete one first")
            connection.execute(
                tables.worlds.insert().values(
                    id=number, name=name, revision=1, created=int(time.time()), **settings.plain()
                )
            )
            _put_chain(connection, number, check_chain(chain), draft=False)
        return self.get(number)

    def all(self) -> list[World]:
        """Every world, the oldest first."""
        with self._changing() as connection:
            rows = connection.execute(
                sa.select(tables.worlds).order_by(tables.worlds.c.created, tables.worlds.c.id)
            ).all()
            return [_world_of(connection, row) for row in rows]

    def get(self, number: str) -> World:
        """The world with this id.

        Raises:
            NotFound: there is none.
        """
        with self._changing() as connection:
            return _world_of(connection, _row(connection, number))

    def change(self, number: str, *, name: str, settings: Settings) -> World:
        """Rename a world, or change its settings."""
        name = _check_name(name)
        with self._changing() as connection:
            row = _row(connection, number)
            connection.execute(
                tables.worlds.update()
                .where(tables.worlds.c.id == number)
                .values(name=name, revision=row.revision + 1, **settings.plain())
            )
        return self.get(number)

    def draft(self, number: str, chain: Chain | None, *, revision: int) -> World:
        """Keep a chain beside the world's own, to be looked at first; None throws it away.

        Raises:
            Outdated: the world is not at this revision any more.
            WorldRefused: it is no chain.
        """
        with self._changing() as connection:
            _check_revision(_row(connection, number), revision)
            _drop_chain(connection, number, draft=True)
            if chain is not None:
                _put_chain(connection, number, check_chain(chain), draft=True)
                if not chain:  # an empty one is a draft too, and has a row to say so
                    _put_empty(connection, number)
        return self.get(number)

    def adopt(self, number: str, *, revision: int) -> World:
        """Make the draft the world's chain.

        Raises:
            Outdated: the world is not at this revision any more.
            WorldRefused: there is no draft.
        """
        with self._changing() as connection:
            row = _row(connection, number)
            _check_revision(row, revision)
            chain = _chain(connection, number, draft=True)
            if chain is None:
                raise WorldRefused("there is no draft to keep: change the chain first")
            _drop_chain(connection, number, draft=True)
            _drop_chain(connection, number, draft=False)
            _put_chain(connection, number, chain, draft=False)
            connection.execute(
                tables.worlds.update()
                .where(tables.worlds.c.id == number)
                .values(revision=row.revision + 1)
            )
        return self.get(number)

    def delete(self, number: str) -> None:
        """Delete a world for good.

        Raises:
            NotFound: there is none.
        """
        with self._changing() as connection:
            _row(connection, number)
            for draft in (True, False):
                _drop_chain(connection, number, draft=draft)
            connection.execute(tables.worlds.delete().where(tables.worlds.c.id == number))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """One transaction: everything in it, or nothing."""
        with _reporting(), self._engine.begin() as connection:
            yield connection


@contextlib.contextmanager
def _reporting() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise StoreNotUsable(f"the database of worlds cannot be used: {reason}") from error


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver would begin a transaction when it first writes; we say when.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    # What is read in a transaction is what it changes: nobody else writes in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _check_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise WorldRefused(f"name: 1 to {_LONGEST_NAME} characters that can be seen were expected")
    return name


def _row(connection: sa.Connection, number: str) -> Any:
    wanted = sa.select(tables.worlds).where(tables.worlds.c.id == number).with_for_update()
    row = connection.execute(wanted).first()
    if row is None:
        raise NotFound("there is no such world")
    return row


def _check_revision(row: Any, revision: int) -> None:
    if row.revision != revision:
        raise Outdated(
            f"the world is at revision {row.revision}, and this was for {revision}: look again"
        )


def _world_of(connection: sa.Connection, row: Any) -> World:
    return World(
        row.id,
        row.name,
        Settings(row.seed, row.sea_level, row.relief),
        _chain(connection, row.id, draft=False) or (),
        _chain(connection, row.id, draft=True),
        row.revision,
        row.created,
    )


def _chain(connection: sa.Connection, number: str, *, draft: bool) -> Chain | None:
    one = tables.links
    rows = connection.execute(
        sa.select(one).where(one.c.world == number, one.c.draft == draft).order_by(one.c.position)
    ).all()
    if not rows:
        return None
    return tuple(
        Link(row.name, row.version, row.sha256, row.parameters) for row in rows if row.position >= 0
    )


def _put_chain(connection: sa.Connection, number: str, chain: Chain, *, draft: bool) -> None:
    for position, link in enumerate(chain):
        connection.execute(
            tables.links.insert().values(
                world=number, draft=draft, position=position, **link.plain()
            )
        )


def _put_empty(connection: sa.Connection, number: str) -> None:
    nobody = Link("-", "", "", {})
    connection.execute(
        tables.links.insert().values(world=number, draft=True, position=-1, **nobody.plain())
    )


def _drop_chain(connection: sa.Connection, number: str, *, draft: bool) -> None:
    one = tables.links
    connection.execute(one.delete().where(one.c.world == number, one.c.draft == draft))
