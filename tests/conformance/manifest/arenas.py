"""Arenas: arrays that are lent where they are."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_ARENA = "issue 3: Build 4"

REQUIREMENTS = {
    "arena.same": R("An array of an arena arrives as any array does.", _ARENA, ("packages",)),
    "arena.live": R(
        "Where memory is shared, the guest sees what the host writes later, and nothing is copied.",
        _ARENA,
        ("packages", "arenas"),
    ),
    "arena.read-only": R(
        "A guest cannot write to an array of the host's.", "trap 13", ("packages",), True
    ),
    "arena.parts": R(
        "Contiguous parts, several arrays and several arenas go together.",
        _ARENA,
        ("packages", "arenas"),
    ),
    "arena.small": R("Below 1 MiB a copy travels in the frame.", _ARENA, ("packages",)),
    "arena.kept": R(
        "A guest may keep an array; its memory lives as long as that.", _ARENA, ("packages",)
    ),
    "arena.no-room": R(
        "An arena for which a guest has no memory, or no descriptor, is a limit; the guest lives.",
        _ARENA,
        ("packages",),
    ),
    "arena.wrong": R("What is no shape or no plain dtype is refused by name.", _ARENA),
}
