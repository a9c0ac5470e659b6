"""A lent guest counts with its limit for as long as it is there."""

from __future__ import annotations

from pathlib import Path

from tests.server.guests.wire import LIMITS, WISH, wire
from tests.server.process import service

BUDGET = {"limit_memory": "64MiB", "memory_budget": "130MiB", "queue_seconds": "60"}


def test_lent_guests_have_the_memory_of_all_guests(home: Path) -> None:
    with service(home, engine="native", pool_size="0", **BUDGET) as running:

        def held() -> float:
            text = running.ask("GET", "/metrics").body.decode()
            line = next(one for one in text.splitlines() if one.startswith("ringfence_memory_held"))
            return float(line.rpartition(" ")[2])

        with wire(running.url) as first:
            first.begin()
            assert held() == LIMITS["memory"]
            with wire(running.url) as second:
                assert second.hear()[0] == "hello"
                second.say("open", **WISH)
                assert second.hear()[0] == "image"
                second.say("start", limits=LIMITS)
                got, told = second.hear()  # at once: nobody waits for the end of what is lent
                assert (got, told["error"]) == ("refused", "EngineFailure")
                assert "memory" in told["detail"]
                less = {**LIMITS, "memory": 32 << 20}
                second.say("start", limits=less)
                assert second.hear()[0] == "started"
            refused = running.ask("POST", "/v1/execute", {"code": "1"})
            assert (refused.status, refused.problem) == (503, "overloaded")
        while held():
            pass
        assert running.ask("POST", "/v1/execute", {"code": "1"}).json["value"] == 1
