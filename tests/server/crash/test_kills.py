"""A hundred kills -9; see :mod:`tests.server.crash.scene` for what is looked at."""

from pathlib import Path

from tests.server.crash.scene import kill_again_and_again


def test_nothing_acknowledged_is_lost_and_nothing_runs_twice(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 100)
