"""How much is found, and how much is found in vain. docs/analysis.md has the figures.

One policy for all: ``refuse`` is found, and ``refuse`` of an honest plugin is found in vain.
"""

from __future__ import annotations

import os

import pytest

from ringfence.plugins import analysis
from tests.analysis import real_packages
from tests.analysis.corpus import Sample, samples

MOST_LINES = None if os.environ.get("RINGFENCE_TEST_WHOLE_PACKAGES") else 3_000
"""Of a package, in the suite's run; with the variable, all of it (a minute)."""


def verdicts(several: list[Sample]) -> dict[str, str]:
    return {one.path.name: one.report().verdict for one in several}


def share(found: dict[str, str], verdict: str) -> float:
    return sum(one == verdict for one in found.values()) / len(found)


@pytest.mark.parametrize(
    ("kind", "part", "least"),
    [
        ("malicious", "training", 160),
        ("malicious", "held_out", 60),
        ("benign", "training", 40),
        ("benign", "held_out", 20),
    ],
)
def test_the_corpus_is_as_large_as_it_should_be(kind: str, part: str, least: int) -> None:
    several = samples(kind, part)
    assert len(several) >= least
    for one in several:
        if kind == "malicious":
            assert one.technique, one.path.name
            assert one.goal, one.path.name
            assert one.data.startswith(b"# technique:"), one.path.name


def test_techniques_are_many() -> None:
    techniques = {one.technique for one in samples("malicious", "training")}
    assert len(techniques) >= 60


def test_recall_on_what_the_rules_were_made_with() -> None:
    found = verdicts(samples("malicious", "training"))
    assert [name for name, verdict in found.items() if verdict != "refuse"] == []


def test_recall_on_what_was_written_without_sight_of_the_rules() -> None:
    found = verdicts(samples("malicious", "held_out"))
    assert share(found, "refuse") >= 0.95, [one for one in found if found[one] != "refuse"]


@pytest.mark.parametrize("part", ["training", "held_out"])
def test_no_honest_plugin_is_refused(part: str) -> None:
    found = verdicts(samples("benign", part))
    assert [name for name, verdict in found.items() if verdict == "refuse"] == []


def test_every_label_has_its_package_and_words_that_are_known() -> None:
    labels = real_packages.labels()
    assert labels.keys() == real_packages.pins().keys()
    assert len(labels) == 50
    grants = {rule.grant for rule in analysis.RULES.values()}
    for label in labels.values():
        assert label.keys() == {"grants", "packages"}
        assert set(label["grants"]) <= grants


def test_false_positives_on_real_packages() -> None:
    try:
        packages = real_packages.fetch()
    except real_packages.NotReached as reason:
        pytest.skip(f"the packages cannot be fetched here: {reason}")
    refused = {}
    for package in packages:
        report = package.report(MOST_LINES)
        if report.verdict == "refuse":
            refused[package.name] = sorted(
                {one.rule for one in report.findings if one.severity == "error"}
            )
    assert len(refused) <= len(packages) * 0.02, refused
