"""Batches: many calls of one function in one round trip."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_BATCH = "issue 3: Build 4"

REQUIREMENTS = {
    "batch.calls": R("A function is called for each row; numbers come back packed.", _BATCH),
    "batch.columns": R("Columns of an arena are lent.", _BATCH, ("packages",)),
    "batch.errors": R("A call that raises is marked, with its line; the others stand.", _BATCH),
    "batch.each": R(
        "A call that takes longer than it may is stopped, also within C; the others go on.",
        "trap 27",
        ("arenas",),
        True,
    ),
    "batch.crash": R(
        "A call in which the guest dies is marked; the others go on.", _BATCH, ("arenas",)
    ),
    "batch.limits": R(
        "A limit of the turn ends the batch; what was done stands.", _BATCH, ("arenas",)
    ),
    "batch.cancel": R("cancel() ends a batch; what was done stands.", _BATCH, ("arenas",)),
    "batch.wrong": R("Wrong arguments are refused by name.", _BATCH),
    "batch.hostile": R(
        "What the guest writes into the output is checked: a counter, statuses.",
        "trap 13",
        ("arenas",),
        True,
    ),
}
