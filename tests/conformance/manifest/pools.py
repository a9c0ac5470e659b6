"""Pools: warm guests that nobody has used."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_POOL = "issue 3: Build 1"

REQUIREMENTS = {
    "pool.taken": R("run() and sandboxes take a warm guest, which nobody else gets.", _POOL),
    "pool.refills": R("What was taken is replaced, up to the size.", _POOL),
    "pool.missed": R("With none ready a fresh guest is started, and counted.", _POOL),
    "pool.whole": R("Functions, files, modules and stdin are the taker's, as without it.", _POOL),
    "pool.async": R("An async sandbox takes from the same pool.", _POOL),
    "pool.neutral": R(
        "A warm guest has no name, file, thread or cell that a fresh one has not.",
        "trap 18",
        security=True,
    ),
    "pool.random": R("Warm guests draw different random numbers.", "trap 1", security=True),
    "pool.tenant": R(
        "A tenant's pool has one image, which is nobody else's.", "trap 17", ("tenant",)
    ),
    "pool.limits": R("A taker may change what is per turn, and nothing else.", "trap 18"),
    "pool.refused": R("What is the pool's to say is refused beside pool=.", _POOL),
    "pool.closed": R("A closed pool refuses; guests that were taken live on.", _POOL),
    "pool.lost": R("A warm guest that ended is not handed out.", _POOL, security=True),
    "pool.failed": R("Why it cannot be filled is raised where one waits for it.", _POOL),
}
