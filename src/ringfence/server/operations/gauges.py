"""What a service has at this moment: looked at when somebody reads the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.server.house import House

__all__ = ["GAUGES", "Gauges"]


GAUGES: Mapping[str, str] = {
    "draining": "Whether the server is being stopped.",
    "runs_running": "Guests that run for somebody.",
    "queue_length": "Runs that wait for their turn.",
    "queue_room": "Runs that may wait.",
    "memory_budget_bytes": "Memory that guests may hold together.",
    "memory_held_bytes": "Of these, what they hold: used and lent guests their limits.",
    "memory_resting_bytes": "Of these, what sessions hold that rest.",
    "sessions_live": "Sessions whose guest is alive.",
    "guests_lent": "Guests that are lent over WebSockets.",
    "store_answering": "Whether the database answered when it was last asked.",
    "store_fenced": "Whether another server has taken the database over.",
    "pool_size": "Guests that the warm pool keeps.",
    "pool_ready": "Guests of the warm pool that are ready.",
    "pool_taken": "Sandboxes that got a warm guest, so far.",
    "pool_missed": "Sandboxes that found none ready, so far.",
    "pool_lost": "Warm guests that ended unused, so far.",
    "pool_failed": "Attempts to start a warm guest that failed, so far.",
}
"""Each gauge, and what it is."""


class Gauges:
    """Looks at the parts of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def gauges(self) -> dict[str, tuple[str, float]]:
        """Each gauge's name, what it is, and how much."""
        house = self._house
        pool = house.fleet.statistics()
        found: dict[str, float] = {
            "draining": house.draining,
            "runs_running": house.admission.running,
            "queue_length": house.admission.waiting,
            "queue_room": house.settings.queue,
            "memory_budget_bytes": house.memory.most,
            "memory_held_bytes": house.memory.held,
            "memory_resting_bytes": house.memory.resting,
            "sessions_live": house.sessions.alive,
            "guests_lent": house.lodge.lent,
            "store_answering": house.store.answering,
            "store_fenced": house.store.fenced,
        }
        for name in ("size", "ready", "taken", "missed", "lost", "failed"):
            found[f"pool_{name}"] = 0 if pool is None else getattr(pool, name)
        return {name: (GAUGES[name], float(value)) for name, value in found.items()}
