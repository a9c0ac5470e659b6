"""Every attack of the corpus on the engines that only evaluate; see on_evaluators.py."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from tests.attacks.corpus import Attack, load
from tests.attacks.on_evaluators import EvaluatorRange, lots, recorded
from tests.support.evaluators import require_evaluator

_NAMES = ("micro", "pocketpy")
_LOTS = [(name, lot) for name in _NAMES for lot in lots(recorded(name))]


@cache
def _attacks() -> dict[str, Attack]:
    return {attack.id: attack for attack in load()}


@pytest.fixture(scope="module")
def ranges() -> Iterator[dict[str, EvaluatorRange]]:
    """One range for each evaluator, made when its first attack is run."""
    made: dict[str, EvaluatorRange] = {}
    yield made
    for one in made.values():
        one.close()


@pytest.mark.parametrize("name", _NAMES)
def test_every_attack_has_its_verdict(name: str) -> None:
    assert set(recorded(name)) == set(_attacks())


@pytest.mark.parametrize(("name", "lot"), _LOTS, ids=[f"{n}-{lot[0]}" for n, lot in _LOTS])
def test_the_verdict_is_as_recorded_and_no_canary_sings(
    name: str, lot: list[str], ranges: dict[str, EvaluatorRange]
) -> None:
    if name not in ranges:
        ranges[name] = EvaluatorRange(require_evaluator(name))
    verdicts, complaints = ranges[name].run([_attacks()[one] for one in lot])
    assert complaints == []
    then = recorded(name)
    assert dict(zip(lot, verdicts, strict=True)) == {one: then[one] for one in lot}
