"""The same as ``tests/server/crash``, on PostgreSQL with blobs in a folder, and fewer kills: of the
service, and of its database under it.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.server.crash import scene
from tests.server.crash.scene import World, kill_again_and_again
from tests.server.hatchery import Hatchery
from tests.support.postgresql import PostgreSQL


def test_nothing_acknowledged_is_lost_and_nothing_runs_twice(
    address: str, postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(hatched: Hatchery, world: World, chance: random.Random, kills: int) -> None:
        for number in range(kills):
            if world.failures:
                return
            server = hatched.start()
            world.serve(server)
            time.sleep(chance.uniform(0.02, 0.9))  # not waiting for anything: when it is killed
            if number % 2:
                postgresql.stop()
                postgresql.start()
                time.sleep(chance.uniform(0.0, 0.5))
            world.serve(None)
            server.kill()

    monkeypatch.setattr(scene, "_kill", kill)
    kill_again_and_again(tmp_path, 10, database=address, blobs=f"disk:{tmp_path}/blobs")
