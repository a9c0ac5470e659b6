"""The manifest and the tests, checked against each other both ways."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest

import ringfence
from ringfence.model.limits import LIMIT_NAMES
from tests import conformance
from tests.conformance.manifest import REQUIREMENTS
from tests.conformance.requirements import SOURCE, WORDS, Requirement, merge

_CAPABILITIES = frozenset(ringfence.Capabilities.__dataclass_fields__) - {
    "walls", "limits", "missing_modules"
}  # fmt: skip
_LIMITS = frozenset(LIMIT_NAMES)


def _marked(marks: Any) -> set[str]:
    return {name for mark in marks if mark.name == "requirement" for name in mark.args}


def _proofs(test: FunctionType) -> set[str]:
    """The ids that a test names: on itself and on the rows of its tables."""
    marks = getattr(test, "pytestmark", [])
    ids = _marked(marks)
    for mark in marks:
        if mark.name == "parametrize":
            for row in mark.args[1]:
                ids |= _marked(getattr(row, "marks", ()))
    return ids


def _tests() -> Iterator[tuple[str, FunctionType]]:
    for found in pkgutil.iter_modules(conformance.__path__, "tests.conformance."):
        if not found.name.rpartition(".")[2].startswith("test_") or found.name == __name__:
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if name.startswith("test_") and isinstance(value, FunctionType):
                yield f"{found.name}::{name}", value


_TESTS = dict(_tests())
_PROVED = {test: _proofs(function) for test, function in _TESTS.items()}


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_requirement_has_a_test(name: str) -> None:
    assert any(name in ids for ids in _PROVED.values()), f"no test proves {name}"


@pytest.mark.parametrize("test", sorted(_TESTS))
def test_test_has_a_requirement(test: str) -> None:
    unknown = _PROVED[test] - REQUIREMENTS.keys()
    assert not unknown, f"not in the manifest: {', '.join(sorted(unknown))}"
    assert _PROVED[test], "it proves nothing: name a requirement"


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_requirement_is_well_formed(name: str) -> None:
    requirement = REQUIREMENTS[name]
    area, _, rest = name.partition(".")
    assert area.isalpha(), "the id is area.name"
    assert rest.replace("-", "").isalnum(), "the id is area.name"
    assert requirement.behaviour.endswith(".")
    for source in requirement.source.split("; "):
        assert SOURCE.fullmatch(source), f"{source!r} is no source"
    for need in requirement.needs:
        kind, _, name = need.partition(":")
        known = {"limit": _LIMITS, "module": sys.stdlib_module_names}
        assert need in _CAPABILITIES or name in known.get(kind, ())


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_gap_is_allowed(name: str) -> None:
    requirement = REQUIREMENTS[name]
    assert not (requirement.security and requirement.gaps), "security admits no gap"
    for engine, gap in requirement.gaps.items():
        assert engine in ringfence.engines(), f"{engine} is no engine"
        assert gap.word in WORDS
        assert gap.reason


def test_no_requirement_is_defined_twice() -> None:
    one = {"a.b": Requirement("It does.", "design: x")}
    with pytest.raises(ValueError, match=r"requirements defined twice: a\.b"):
        merge(one, one)
