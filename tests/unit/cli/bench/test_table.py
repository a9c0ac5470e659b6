"""How figures are written."""

from __future__ import annotations

import pytest

from ringfence.cli.bench.table import spell
from ringfence.cli.bench.timing import Series, Subject, take_turns


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "s", ""), (1.234, "s", "1.23 s"), (0.01234, "s", "12.3 ms"), (0.1, "s", "100 ms"),
        (0.0000456, "s", "45.6 µs"), (0.00000999, "s", "9.99 µs"), (5e-9, "s", "5.00 ns"),
        (0.0, "s", "0.00 ns"), (812.4, "/s", "812 /s"), (12_345.0, "/s", "12,345 /s"),
        (9.996, "/s", "10.0 /s"), (99.96, "/s", "100 /s"),
    ],
)  # fmt: skip
def test_three_digits_and_a_unit(value: float | None, unit: str, text: str) -> None:
    assert spell(value, unit) == text


class Rounds:
    number = 0

    def advance(self) -> None:
        self.number += 1


def test_the_first_round_is_always_measured() -> None:
    rounds = Rounds()
    found = take_turns([Subject(name="a", work=lambda: None)], 100, rounds, seconds=0.0)
    assert (found["a"].count, rounds.number) == (1, 1)


def test_all_rounds_without_an_end() -> None:
    subjects = [Subject(name="a", work=lambda: None), Subject(name="b", work=lambda: None, every=5)]
    found = take_turns(subjects, 10, Rounds())
    assert (found["a"].count, found["b"].count) == (10, 2)


def test_figures_of_a_series() -> None:
    series = Series(float(n) for n in range(1, 201))
    assert (series.median, series.p99, series.count) == (100.5, 198.0, 200)
