"""Whether the corpus covers what ``coverage.toml`` lists, computed from the tags of its files."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from tests.attacks.corpus import CORPUS, Attack, load
from tests.attacks.host_functions import FUNCTIONS

_LEAST_FILES = 400
_LEAST_EACH = 3
_REPOSITORY = Path(__file__).parents[2]


@cache
def _attacks() -> tuple[Attack, ...]:
    return tuple(load())


@cache
def _plan() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("coverage.toml").read_text(encoding="utf-8"))


def test_there_are_enough() -> None:
    assert len(_attacks()) >= _LEAST_FILES


def test_every_folder_has_its_attacks() -> None:
    counts = Counter(attack.technique for attack in _attacks())
    folders = {path.name for path in CORPUS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert {name for name in folders if counts[name] < _LEAST_EACH} == set()


def test_every_technique_of_the_field_has_its_attacks() -> None:
    counts = Counter(slug for attack in _attacks() for slug in attack.techniques)
    assert {slug: counts[slug] for slug in _plan()["field"] if counts[slug] < _LEAST_EACH} == {}


def test_every_slug_is_listed() -> None:
    used = {slug for attack in _attacks() for slug in attack.techniques}
    assert used - _plan()["field"].keys() == set()


def test_every_requirement_is_covered() -> None:
    traps = _plan()["trap"]
    assert sorted(map(int, traps)) == list(range(1, 32))
    tagged = {number for attack in _attacks() for number in attack.traps}
    others = {
        int(number)
        for number, entry in traps.items()
        if entry.keys() & {"tests", "measured", "issue"}
    }
    assert set(map(int, traps)) - tagged - others == set()


def test_every_trap_is_one() -> None:
    used = {number for attack in _attacks() for number in attack.traps}
    assert used - set(map(int, _plan()["trap"])) == set()


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for entry in _plan()["trap"].values():
        for name in entry.get("tests", ()):
            file, _, function = name.partition("::")
            path = _REPOSITORY / file
            wanted = rf"^(async )?def {function}\("
            if not path.exists() or not re.search(wanted, path.read_text(encoding="utf-8"), re.M):
                missing.append(name)
        if "measured" in entry and not (_REPOSITORY / entry["measured"]).exists():
            missing.append(entry["measured"])
    assert missing == []


def test_every_host_function_is_one() -> None:
    wanted = {name for attack in _attacks() for name in attack.functions}
    assert wanted - FUNCTIONS.keys() == set()


def test_no_two_files_are_the_same_attack() -> None:
    programs = Counter(
        tuple(
            re.sub(r"^# (goal|technique|trap|field): .*\n", "", cell.source, flags=re.MULTILINE)
            for cell in attack.cells
        )
        for attack in _attacks()
    )
    twins = {program for program, count in programs.items() if count > 1}
    names = [a.id for a in _attacks() if any(a.cells[-1].source.endswith(t[-1]) for t in twins)]
    assert names == []
