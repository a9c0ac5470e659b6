"""A server that is killed with -9 in the middle of its changes: what it acknowledged is there."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.store.oracle import CLIENTS, check, prepare
from tests.server.store.scenes import opened, scenario

KILLS = 4


def run_and_kill(address: str, blobs: str, after: int) -> dict[int, int]:
    """Let it take turns, and kill it when so many were acknowledged; gives the last of each."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.store.oracle", address, blobs],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(after)]
        process.kill()
        said += process.stdout.readlines()
    last: dict[int, int] = {}
    for line in said:
        if line.endswith(b"\n"):
            client, turn = line.split()
            last[int(client)] = int(turn)
    assert last, "it ended by itself"
    return last


@pytest.mark.parametrize("place", ["database", "disk"])
@scenario
async def test_what_was_acknowledged_outlives_kill_9(
    address: str, place: str, tmp_path: Path
) -> None:
    folder = tmp_path / "blobs" if place == "disk" else None
    blobs = "database" if folder is None else f"disk:{folder}"
    chance = random.Random(place)
    async with opened(address, blobs=blobs) as store:
        await store.write(prepare)
    acknowledged = dict.fromkeys(range(CLIENTS), 0)
    turns = 0
    for kill in range(KILLS):
        acknowledged |= run_and_kill(address, blobs, chance.randint(1, 120))
        async with opened(address, blobs=blobs) as store:
            assert store.epoch == 2 * kill + 3
            now = await check(store, acknowledged, folder)
        assert now > turns
        turns = now
