"""Every entry of the table of system calls is taken away, and somebody notices in the running kernel.

(``tests/unit/jail/test_seccomp.py`` does the same with the bytes of the filters, for every machine.)
One zygote forks all these guests: what was taken away is up to each guest, which installs both layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import pytest

from ringfence.jail.syscalls import MACHINES
from tests.levels.mutants import seccomp_witnesses as witnesses
from tests.levels.mutants.engine import Mutant
from tests.levels.mutants.policies import MACHINE, Change, changes

pytestmark = [
    pytest.mark.skipif(MACHINE not in MACHINES, reason=f"no filter for {MACHINE}"),
    pytest.mark.usefixtures("every_wall"),
]

_CHANGES = changes(MACHINE) if MACHINE in MACHINES else ()
_RLIMIT_MEMLOCK = 8  # without it mlock(2) is refused by the filter alone


@dataclass(frozen=True)
class Witness:
    """Somebody who may notice.

    Attributes:
        name: an attack's id, or a program.
        look: what it sees under the filters of a change.
        is_attack: whether it must be repelled while nothing is missing.
    """

    name: str
    look: Callable[[int], str]
    is_attack: bool


@pytest.fixture(scope="module")
def mutant() -> Iterator[Mutant]:
    engine = Mutant(("image_rlimit", _RLIMIT_MEMLOCK), ("policy_of_files",))
    yield engine
    engine.close()


def _witnesses(engine: Mutant, change: Change) -> list[Witness]:
    """The likeliest first: a permission that is missing is noticed by a use."""
    attacks = [
        Witness(attack.id, partial(witnesses.perform_attack, engine, attack), True)
        for attack in witnesses.attacks_on(change.call)
    ]
    if change.refusal:
        return attacks
    uses = [
        Witness(program, partial(witnesses.use, engine, program), False)
        for program in witnesses.uses_of(change.call)
    ]
    return [*attacks, *uses] if ": the test " in change.id else [*uses, *attacks]


_green: dict[tuple[str, bool], str] = {}


def _notices(witness: Witness, number: int, change: Change) -> bool:
    """Whether it sees something else than it sees, each time, while nothing is missing."""
    key = witness.name, change.scratch
    whole = 0 if change.scratch else 1
    if key not in _green:
        _green[key] = witness.look(whole)
        assert witness.look(whole) == _green[key], f"it varies: {witness.name}"
    if witness.is_attack and _green[key] != witnesses.REPELLED:
        return False  # what it expects does not hold where there is no scratch
    return witness.look(number) != _green[key]


@pytest.mark.parametrize("number", range(2, len(_CHANGES)), ids=lambda n: _CHANGES[n].id)
def test_no_entry_can_be_taken_away_unnoticed(mutant: Mutant, number: int) -> None:
    change = _CHANGES[number]
    asked = []
    for witness in _witnesses(mutant, change):
        if _notices(witness, number, change):
            return
        asked.append(witness.name)
    pytest.fail(f"nobody notices that this is missing: {change.id}; asked: {asked}")


@cache
def _refused() -> frozenset[str]:
    return frozenset(change.call for change in _CHANGES if change.refusal)


def test_every_refusal_has_an_attack() -> None:
    assert sorted(call for call in _refused() if not witnesses.attacks_on(call)) == []
