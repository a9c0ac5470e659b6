"""Every entry of the printable jail but the table of system calls is taken away, and somebody notices.

The guests run in production's jail, built by production's code and asked for through the public entry
point, but for the one thing that its zygote takes away from itself first.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.cli.witness.bench import Bench
from ringfence.cli.witness.canaries import Canaries
from ringfence.cli.witness.evidence import Seen, fell
from ringfence.errors import RingfenceError
from tests.levels.mutants.engine import Mutant, Removal
from tests.levels.mutants.entries import entries
from tests.levels.mutants.jail_witnesses import Witness, witness_of

pytestmark = pytest.mark.usefixtures("every_wall")

_ENTRIES = entries()


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with Canaries() as made:
        yield made


def _look(witness: Witness, removals: tuple[Removal, ...], canaries: Canaries) -> Seen:
    engine = Mutant(*removals)
    try:
        return witness.probe.take(Bench(engine, witness.walls, canaries))
    finally:
        engine.close()


_green: dict[Witness, Seen] = {}


@pytest.mark.parametrize("entry", _ENTRIES)
def test_no_entry_can_be_taken_away_unnoticed(entry: str, canaries: Canaries) -> None:
    witness = witness_of(entry)
    assert witness is not None, f"nobody is known to notice that this is missing: {entry}"
    if witness.blind is not None:
        pytest.skip(witness.blind)
    if witness not in _green:
        _green[witness] = _look(witness, witness.alone, canaries)
    assert _green[witness].verdict == "stood", _green[witness].text
    try:
        seen = _look(witness, (*witness.alone, _ENTRIES[entry]), canaries)
    except RingfenceError as error:  # a jail that does not come about is noticed, too
        seen = fell(str(error))
    if witness.doubled is not None:
        assert seen.verdict == "stood", f"this is noticed after all: {entry}: {seen.text}"
    else:
        assert seen.verdict == "fell", f"nobody notices that this is missing: {entry}: {seen.text}"
