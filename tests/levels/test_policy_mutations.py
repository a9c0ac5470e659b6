"""Every entry of the table of system calls is taken away, and somebody notices in the running kernel.

(``tests/unit/jail/test_seccomp.py`` does the same with the bytes of the filters, for every machine.)
One zygote forks all these guests: what was taken away is up to each guest, which installs both layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from ringfence.jail.syscalls import MACHINES
from tests.levels.mutants import seccomp_witnesses as witnesses
from tests.levels.mutants.engine import Mutant
from tests.levels.mutants.policies import MACHINE, Change, changes

pytestmark = pytest.mark.skipif(MACHINE not in MACHINES, reason=f"no filter for {MACHINE}")

_CHANGES = changes(MACHINE) if MACHINE in MACHINES else ()
_RLIMIT_MEMLOCK = 8  # without it mlock(2) is refused by the filter alone

Look = Callable[[int], tuple[str, bool]]
"""What is seen under the filters of a change, and whether that must be so."""


@pytest.fixture(scope="module")
def mutant() -> Iterator[Mutant]:
    engine = Mutant(("image_rlimit", _RLIMIT_MEMLOCK), ("policy_of_files",))
    yield engine
    engine.close()


def _witnesses(engine: Mutant, change: Change) -> Iterator[tuple[str, Look]]:
    for attack in witnesses.attacks_on(change.call):
        yield attack.id, lambda number, a=attack: witnesses.perform_attack(engine, number, a)
    if not change.refusal:
        for program in witnesses.uses_of(change.call):
            yield program, lambda number, p=program: (witnesses.use(engine, number, p), True)


_green: dict[tuple[str, bool], tuple[str, bool]] = {}


def _notices(name: str, look: Look, number: int, change: Change) -> bool:
    """Whether a witness that stands by its word while nothing is missing sees something else now."""
    key = name, change.scratch
    if key not in _green:
        _green[key] = look(0 if change.scratch else 1)
    before, stood = _green[key]
    now, stands = look(number)
    return stood and (not stands if change.refusal else (now, stands) != (before, stood))


@pytest.mark.parametrize("number", range(2, len(_CHANGES)), ids=lambda n: _CHANGES[n].id)
def test_no_entry_can_be_taken_away_unnoticed(mutant: Mutant, number: int) -> None:
    change = _CHANGES[number]
    looked = []
    for name, look in _order(list(_witnesses(mutant, change)), change):
        if _notices(name, look, number, change):
            return
        looked.append(name)
    pytest.fail(f"nobody notices that this is missing: {change.id}; asked: {looked}")


def _order(found: list[tuple[str, Look]], change: Change) -> list[tuple[str, Look]]:
    """The likeliest first: a permission that is missing is noticed by a use."""
    return found if change.refusal or ": the test " in change.id else found[::-1]


@cache
def _refused() -> frozenset[str]:
    return frozenset(change.call for change in _CHANGES if change.refusal)


def test_every_refusal_has_an_attack() -> None:
    assert sorted(call for call in _refused() if not witnesses.attacks_on(call)) == []
