"""``make soak``, for a quarter of a minute: mixed load, hostile guests, guests and servers killed."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_nothing_is_wrong_lost_done_twice_or_left_behind() -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.server.soaking", "--seconds", "14", "--calm", "5",
            "--workers", "8",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-4_000:]
    told = json.loads(done.stdout)
    assert told["trouble"] == ""
    for seen in ("fresh", "turn", "file: 200", "stream: ok", "left", "server killed"):
        assert told["seen"][seen] > 0, told
