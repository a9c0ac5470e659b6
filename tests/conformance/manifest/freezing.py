"""Whole sessions that are forked, kept as bytes, and rolled back."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_BUILD = "issue 4: Build 3"
_NEEDS = ("snapshot",)

REQUIREMENTS = {
    "freezing.fork": R(
        "A fork has everything that the sandbox has, exactly, and each goes its own way.",
        _BUILD,
        needs=_NEEDS,
    ),
    "freezing.snapshot": R(
        "A snapshot is restored, any number of times, to what the sandbox was.",
        _BUILD,
        needs=_NEEDS,
    ),
    "freezing.rollback": R(
        "After a limit has ended a turn, the state before it can be had again, also when the guest "
        "has ended.",
        _BUILD,
        needs=_NEEDS,
    ),
    "freezing.rollback-asked": R("Only what was kept is rolled back to.", _BUILD),
    "freezing.lent": R(
        "A snapshot goes on with the host functions that its guest knows, and no others.",
        _BUILD,
        needs=_NEEDS,
        security=True,
    ),
    "freezing.sealed": R(
        "A snapshot that was changed, cut, sealed with another key or made for something else is "
        "not restored, and the error says which.",
        "trap 14",
        needs=_NEEDS,
        security=True,
    ),
    "freezing.bounded": R(
        "A snapshot is restored only where its memory and its files are allowed.",
        _BUILD,
        needs=_NEEDS,
        security=True,
    ),
    "freezing.image": R(
        "A snapshot of another image is refused by name.", _BUILD, needs=_NEEDS, security=True
    ),
    "freezing.refused": R(
        "An engine whose guests are more than their memory says so.", "design: enforced or refused"
    ),
}
