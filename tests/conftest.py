"""Fixtures that every suite uses. ``engine`` is what makes a test a conformance test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import ringfence
from ringfence.runtime.registry import describe_engines, list_evaluators
from tests.support.evaluators import require_evaluator
from tests.support.service import REMOTE, service_for_guests

if TYPE_CHECKING:
    from tests.support.blocks import Programs


def pytest_configure(config: pytest.Config) -> None:
    """The engine ``remote`` is under test where it is named: its guests are those of a service that
    is started for the whole run.
    """
    if REMOTE in _named() and "RINGFENCE_URL" not in os.environ:
        os.environ["RINGFENCE_URL"] = service_for_guests()


def _named() -> set[str]:
    return set(filter(None, os.environ.get("RINGFENCE_TEST_ENGINES", "").split(",")))


def _installed() -> list[str]:
    """The engines under test: all of this machine that are installed, or those that
    ``RINGFENCE_TEST_ENGINES`` names, separated by commas.
    """
    installed = describe_engines().keys()
    return sorted(installed & _named() if _named() else installed - {REMOTE})


def _evaluators() -> list[str]:
    """The same of those that only evaluate."""
    return sorted({*list_evaluators()} & _named() if _named() else list_evaluators())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``engine`` runs once for every installed engine."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", _installed(), indirect=True)
    if "block_engine" in metafunc.fixturenames:
        metafunc.parametrize("block_engine", [*_installed(), *_evaluators()], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine that can run here.

    An engine that cannot is skipped with its reason, unless ``RINGFENCE_REQUIRE_ENGINES`` names it:
    then that it cannot is a failure (CI names those that must be there).
    """
    return _can_run(request.param)


def _can_run(name: str) -> str:
    availability = describe_engines()[name].availability
    if not availability.walls:
        reason = f"{name} cannot run here: {dict(availability.missing)} {availability.remedy}"
        if name in os.environ.get("RINGFENCE_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return name


@pytest.fixture
def block_engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine that can run here and evaluate blocks: ``engine``, and what only
    evaluates.
    """
    name: str = request.param
    return require_evaluator(name).name if name in list_evaluators() else _can_run(name)


@pytest.fixture
def programs(block_engine: str) -> Iterator[Programs]:
    """Makes programs of block scripts, on every engine that evaluates them."""
    from tests.support.blocks import Programs  # which needs the level of the suite

    if block_engine in list_evaluators() and os.environ.get("RINGFENCE_TEST_WALLS"):
        pytest.skip(f"{block_engine} has the walls that it has")
    made = Programs(block_engine)
    yield made
    made.close()


@pytest.fixture
def box(engine: str) -> Iterator[ringfence.Sandbox]:
    """A sandbox with the defaults, on every engine."""
    with ringfence.Sandbox(engine=engine) as sandbox:
        yield sandbox
