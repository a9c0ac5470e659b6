"""docs/analysis.md says what the registry says."""

from __future__ import annotations

import re
from pathlib import Path

from ringfence.plugins.analysis import RULES
from tests.analysis.corpus import samples

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "analysis.md").read_text("utf-8")


def test_every_rule_is_in_the_table_as_it_is() -> None:
    rows = re.findall(r"^\| (RF\d{3}) \| (.*) \|$", PAGE, re.MULTILINE)
    told = {rule: [cell.strip() for cell in rest.split(" | ")] for rule, rest in rows}
    assert told == {
        rule.id: [rule.name, rule.severity, rule.grant or "", rule.title, rule.remedy]
        for rule in RULES.values()
    }


def test_every_grant_is_named() -> None:
    (listed,) = re.findall(r"^The grants: (.*?)\.$", PAGE, re.MULTILINE | re.DOTALL)
    assert re.findall(r"`([a-z-]+)`", listed) == sorted(
        {rule.grant for rule in RULES.values() if rule.grant is not None}
    )


def test_the_sizes_of_the_corpus_are_true() -> None:
    hostile = samples("malicious", "training")
    techniques = len({one.technique for one in hostile})
    assert (
        f"| {len(hostile)} hostile plugins that the rules were made with, of {techniques} techniques |"
        in PAGE
    )
    for kind, part, text in [
        ("malicious", "held_out", "hostile plugins written by somebody"),
        ("benign", "training", "honest plugins that the rules were made with"),
        ("benign", "held_out", "honest plugins written without sight"),
    ]:
        assert f"| {len(samples(kind, part))} {text}" in PAGE
