"""Which part of a suite is run at a level when not all of it is.

All levels together run all of it: each takes the next of every so many. What is about the walls that a
level lacks is run there in full.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from ringfence.model.policy import WALLS
from tests.attacks.corpus import Attack
from tests.levels.hosts import FULL, HOSTS, Host

__all__ = ["EVERYTHING", "choose_attacks", "place_of", "slice_of"]

T = TypeVar("T")

EVERYTHING = bool(os.environ.get("RINGFENCE_TEST_EVERY_LEVEL"))
"""Whether both suites are run in full at every level (``make levels``)."""

_WORDS = {*WALLS, "landlock", "disk", "threads"}


def place_of(host: Host) -> int:
    """Which of the slices is the host's; one that is of another kind has the first as well."""
    return HOSTS.index(host) if host in HOSTS else 0


def slice_of(items: Sequence[T], place: int) -> list[T]:
    """Every so many of them, as many as there are hosts, from ``place`` on."""
    return list(items[place :: len(HOSTS)])


def choose_attacks(attacks: Sequence[Attack], host: Host) -> list[Attack]:
    """Those to run there: a slice, one for each technique, slug and requirement, and all that say of
    themselves that it matters which walls stand.
    """
    if EVERYTHING:
        return list(attacks)
    chosen = {attack.id: attack for attack in slice_of(attacks, place_of(host))}
    if _is_first_with_its_walls(host):
        chosen |= {attack.id: attack for attack in attacks if _is_about_walls(attack)}
    covered = set().union(*map(_tags, chosen.values()))
    for attack in attacks:
        if not _tags(attack) <= covered:
            chosen[attack.id] = attack
            covered |= _tags(attack)
    return [attack for attack in attacks if attack.id in chosen]


def _tags(attack: Attack) -> set[str]:
    return {attack.technique, *attack.techniques, *map(str, attack.traps)}


def _is_first_with_its_walls(host: Host) -> bool:
    alike = [one for one in HOSTS if (one.walls, one.landlock) == (host.walls, host.landlock)]
    return host.walls != FULL and alike[:1] == [host]


def _is_about_walls(attack: Attack) -> bool:
    conditions = [str(c) for c in attack.needs]
    conditions += [str(c) for e in attack.expectations for c in e.conditions]
    return any(_WORDS & _words(condition) for condition in conditions)


def _words(condition: str) -> set[str]:
    bare = condition.removeprefix("no:").removeprefix("only:").partition(">=")[0].partition("<")[0]
    return set(bare.split("+"))
