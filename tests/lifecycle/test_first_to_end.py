"""A machine that has no memory left ends guests before their host, and before their image."""

from __future__ import annotations

import os
from pathlib import Path

from ringfence import Sandbox
from tests.attacks.canaries import descendants


def readiness_to_end(process: int) -> int:
    return int(Path(f"/proc/{process}/oom_score_adj").read_text())


def test_guests_end_before_their_host(engine: str) -> None:
    mine = readiness_to_end(os.getpid())
    before = descendants(os.getpid())
    with Sandbox(engine=engine) as box:
        assert box.run("1").status == "ok"
        own = {readiness_to_end(one) for one in descendants(os.getpid()) - before}
        everybody = {readiness_to_end(one) for one in descendants(os.getpid())}
    if own:  # an engine whose guests are processes
        assert 1000 in own
        assert min(everybody) > mine
