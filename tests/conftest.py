"""Fixtures that every suite uses. ``engine`` is what makes a test a conformance test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

import ringfence
from ringfence.runtime.registry import describe_engines


def _installed() -> list[str]:
    """The engines under test: all that are installed, or those that ``RINGFENCE_TEST_ENGINES``
    names, separated by commas.
    """
    named = set(filter(None, os.environ.get("RINGFENCE_TEST_ENGINES", "").split(",")))
    return sorted(describe_engines().keys() & named if named else describe_engines())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``engine`` runs once for every installed engine."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", _installed(), indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine that can run here.

    An engine that cannot is skipped with its reason, unless ``RINGFENCE_REQUIRE_ENGINES`` names it:
    then that it cannot is a failure (CI names those that must be there).
    """
    name: str = request.param
    availability = describe_engines()[name].availability
    if not availability.walls:
        reason = f"{name} cannot run here: {dict(availability.missing)} {availability.remedy}"
        if name in os.environ.get("RINGFENCE_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return name


@pytest.fixture
def box(engine: str) -> Iterator[ringfence.Sandbox]:
    """A sandbox with the defaults, on every engine."""
    with ringfence.Sandbox(engine=engine) as sandbox:
        yield sandbox
