"""Worlds in their database, tiles on the disk."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from worldgen.chains import Link, Settings, chain_key, check_chain, key_of
from worldgen.errors import NotFound, Outdated, StoreNotUsable, WorldRefused
from worldgen.geometry import Tile
from worldgen.store import Worlds
from worldgen.tiles import TileCache

HASH = "ab" * 32
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100 + b"IEND\xaeB`\x82"
A, B = Link("a", "1.0.0", HASH, {"k": 1}), Link("b", "1.0.0", HASH)


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Worlds]:
    found = Worlds(f"sqlite:///{tmp_path / 'w.sqlite3'}")
    yield found
    found.close()


def test_a_world_is_there_after_a_restart(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'w.sqlite3'}"
    first = Worlds(address)
    made = first.create("Höhe <b>", Settings(5, -3.5, 2.0), (A, B))
    first.draft(made.id, (), revision=1)
    first.close()
    again = Worlds(address)
    found = again.get(made.id)
    assert (found.name, found.settings, found.chain, found.draft) == (
        "Höhe <b>",
        Settings(5, -3.5, 2.0),
        (A, B),
        (),
    )
    assert [one.id for one in again.all()] == [made.id]
    again.close()


def test_a_draft_changes_nothing_until_it_is_adopted(worlds: Worlds) -> None:
    made = worlds.create("w", Settings(), (A,))
    other = worlds.create("other", Settings(), (A,))
    drafted = worlds.draft(made.id, (B, A), revision=made.revision)
    assert (drafted.chain, drafted.draft, drafted.revision) == ((A,), (B, A), 1)
    adopted = worlds.adopt(made.id, revision=1)
    assert (adopted.chain, adopted.draft, adopted.revision) == ((B, A), None, 2)
    assert worlds.get(other.id).chain == (A,)  # a chain belongs to one world
    with pytest.raises(Outdated, match="revision 2"):
        worlds.draft(made.id, (), revision=1)
    with pytest.raises(WorldRefused, match="no draft"):
        worlds.adopt(made.id, revision=2)
    worlds.draft(made.id, (A,), revision=2)
    assert worlds.draft(made.id, None, revision=2).draft is None


def test_what_is_wrong_is_refused_and_nothing_is_half_made(worlds: Worlds) -> None:
    for name in ("", "  ", "x" * 101, "a\u202eb", "a\nb"):
        with pytest.raises(WorldRefused, match="name"):
            worlds.create(name, Settings())
    with pytest.raises(WorldRefused, match="twice"):
        worlds.create("w", Settings(), (A, A))
    assert worlds.all() == []
    with pytest.raises(NotFound):
        worlds.get("0" * 16)
    made = worlds.create("w", Settings(), (A,))
    worlds.delete(made.id)
    with pytest.raises(NotFound):
        worlds.delete(made.id)
    for bad in (
        {"seed": -1},
        {"seed": True},
        {"seed": 1 << 53},
        {"relief": 4},
        {"sea_level": float("nan")},
    ):
        with pytest.raises(WorldRefused):
            Settings(**bad)
    with pytest.raises(WorldRefused, match="12 plugins"):
        check_chain([Link(f"n{at}", "1.0.0", HASH) for at in range(13)])


def test_a_newer_or_damaged_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite3"
    Worlds(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE worldgen_schema SET version = 9")
    database.close()
    with pytest.raises(StoreNotUsable, match="has version 9"):
        Worlds(f"sqlite:///{path}")
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreNotUsable, match="cannot be used"):
        Worlds(f"sqlite:///{path}")


@pytest.mark.parametrize(
    "value",
    [
        None, {}, {"name": "A B", "version": "1.0.0", "sha256": HASH, "parameters": {}},
        {"name": "a", "version": "1", "sha256": HASH, "parameters": {}},
        {"name": "a", "version": "1.0.0", "sha256": "XY" * 32, "parameters": {}},
        {"name": "a", "version": "1.0.0", "sha256": HASH, "parameters": {"k": [1]}},
    ],
)  # fmt: skip
def test_a_link_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(WorldRefused):
        Link.of_plain(value)


def test_keys_tell_apart_what_looks_different() -> None:
    chains = [
        (),
        (A,),
        (B,),
        (A, B),
        (B, A),
        (Link("a", "1.0.0", HASH, {"k": 2}),),
        (Link("a", "1.0.0", "cd" * 32, {"k": 1}),),
    ]
    assert len({chain_key(one) for one in chains}) == len(chains)
    keys = {
        key_of(settings, (A,), drawing)
        for settings in (Settings(), Settings(1), Settings(relief=2), Settings(sea_level=1))
        for drawing in (1, 2)
    }
    assert len(keys) == 8
    assert Link.of_plain(A.plain()) == A


def test_the_cache_is_bounded_and_what_was_not_asked_for_longest_goes(tmp_path: Path) -> None:
    cache = TileCache(tmp_path / "tiles", most_bytes=3 * len(PNG))
    for x in range(3):
        cache.put("ab", "cd", Tile(3, x, -1), PNG)
    assert cache.get("ab", "cd", Tile(3, 0, -1)) == PNG
    cache.put("ab", "cd", Tile(3, 3, -1), PNG)
    assert [cache.get("ab", "cd", Tile(3, x, -1)) is not None for x in range(4)] == [
        True,
        False,
        True,
        True,
    ]
    assert (
        cache.total
        == 3 * len(PNG)
        == sum(path.stat().st_size for path in (tmp_path / "tiles").rglob("*.png"))
    )
    again = TileCache(tmp_path / "tiles", most_bytes=2 * len(PNG))
    assert (
        again.total
        == 2 * len(PNG)
        == sum(path.stat().st_size for path in (tmp_path / "tiles").rglob("*.png"))
    )


def test_half_a_tile_is_none_and_drafts_are_cleared_away(tmp_path: Path) -> None:
    cache = TileCache(tmp_path / "tiles")
    cache.put("ab", "cd", Tile(3, 1, 1), PNG)
    [path] = (tmp_path / "tiles").rglob("*.png")
    path.write_bytes(PNG[:50])
    (path.parent / ".begun").write_bytes(b"x")
    again = TileCache(tmp_path / "tiles")
    assert again.get("ab", "cd", Tile(3, 1, 1)) is None and again.total == 0
    assert [one.name for one in path.parent.iterdir()] == []
    again.put("ab", "cd", Tile(3, 1, 1), PNG)
    again.put("ef", "cd", Tile(3, 1, 1), PNG)
    again.drop("ab")
    assert again.get("ab", "cd", Tile(3, 1, 1)) is None
    assert again.get("ef", "cd", Tile(3, 1, 1)) == PNG and again.total == len(PNG)
    os.unlink(tmp_path / "tiles/ef/cd/3/1_1.png")
    assert again.get("ef", "cd", Tile(3, 1, 1)) is None and again.total == 0


def test_no_text_becomes_a_path(tmp_path: Path) -> None:
    cache = TileCache(tmp_path / "tiles")
    for world, key in (("../x", "ab"), ("ab", "a/b"), ("", "ab")):
        with pytest.raises(ValueError):
            cache.put(world, key, Tile(0, 0, 0), PNG)
