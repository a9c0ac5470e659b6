"""Every attack of the corpus, against every engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.corpus import Attack, load
from tests.attacks.runner import Range, check

_ATTACKS = list(load())


@pytest.fixture(scope="module")
def ranges() -> Iterator[dict[str, Range]]:
    """One range for each engine, made when its first attack is run."""
    made: dict[str, Range] = {}
    yield made
    for one in made.values():
        one.close()


@pytest.mark.parametrize("attack", _ATTACKS, ids=[attack.id for attack in _ATTACKS])
def test_the_verdict_is_exact_and_no_canary_sings(
    engine: str, attack: Attack, ranges: dict[str, Range]
) -> None:
    if engine not in ranges:
        ranges[engine] = Range(engine)
    here = ranges[engine]
    unmet = here.unmet(attack)
    if unmet is not None:
        pytest.skip(unmet)
    check(attack, here.run(attack))
