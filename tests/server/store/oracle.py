"""A load whose every change can be checked afterwards, also when it was ended in the middle.

Run as a program it prints what was acknowledged, and goes on until somebody kills it.
"""

from __future__ import annotations

import asyncio
import collections
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import text

from ringfence.server.store import Store, Work
from tests.server.store.scenes import verified

__all__ = ["CLIENTS", "Acknowledged", "check", "load", "prepare"]

CLIENTS = 6

Acknowledged = Mapping[int, int]
"""The last turn of each client that was acknowledged."""


def prepare(work: Work) -> None:
    """Make the table of what each client has."""
    work.connection.execute(
        text("CREATE TABLE oracle (client INTEGER PRIMARY KEY, turn INTEGER, blob VARCHAR(32))")
    )
    for client in range(CLIENTS):
        work.connection.execute(
            text("INSERT INTO oracle VALUES (:client, 0, '')"), {"client": client}
        )


def content(client: int, turn: int) -> bytes:
    return f"{client}:{turn}\n".encode() * 2_000


def take_turn(work: Work, client: int) -> int:
    """One more turn of a client: its state is replaced, and it is told of twice."""
    found = work.connection.execute(
        text("SELECT turn, blob FROM oracle WHERE client = :client"), {"client": client}
    ).one()
    turn, blob = int(found.turn) + 1, str(found.blob)
    work.blobs.drop(blob)
    work.connection.execute(
        text("UPDATE oracle SET turn = :turn, blob = :blob WHERE client = :client"),
        {"turn": turn, "client": client, "blob": work.blobs.put(content(client, turn))},
    )
    work.audit.append("turn", f"client-{client}", None, {"turn": turn})
    work.usage.add(f"client-{client}", cpu_seconds=1.0)
    return turn


async def load(store: Store, told: Callable[[int, int], bool]) -> None:
    """Take turns of all clients at once, while ``told`` wants more of one."""

    async def client(number: int) -> None:
        while told(number, await store.write(lambda work: take_turn(work, number))):
            pass

    await asyncio.gather(*map(client, range(CLIENTS)))


async def check(store: Store, acknowledged: Acknowledged, files: Path | None) -> int:
    """Hold a database against what was acknowledged; gives how many turns there are in all."""

    def ask(work: Work) -> dict[int, int]:
        turns: dict[int, int] = {}
        audit: dict[str, list[str]] = collections.defaultdict(list)
        for row in work.audit.rows():
            audit[row.tenant].append(row.details)
        for client, turn, blob in work.connection.execute(text("SELECT * FROM oracle")):
            turns[client] = turn
            name = f"client-{client}"
            if turn:
                assert work.blobs.get(blob) == content(client, turn)
            assert audit[name] == [f'{{"turn":{one}}}' for one in range(1, turn + 1)]  # none twice
            assert sum(runs for _, runs, _ in work.usage.of_tenant(name)) == turn
        return turns

    turns = await store.read(ask)
    for client, turn in acknowledged.items():
        assert turns[client] in {turn, turn + 1}  # the last one may have been kept, and not told
    assert await verified(store) == sum(turns.values())
    rows = await store.read(
        lambda work: set(work.connection.scalars(text("SELECT name FROM blobs")))
    )
    assert len(rows) == sum(1 for turn in turns.values() if turn)
    if files is not None:
        assert {path.name for path in files.rglob("*") if path.is_file()} == rows
    return sum(turns.values())


async def main(address: str, blobs: str) -> None:
    store = Store.open(address, blobs=blobs)

    def told(client: int, turn: int) -> bool:
        os.write(1, f"{client} {turn}\n".encode())
        return True

    await load(store, told)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
