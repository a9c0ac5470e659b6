"""Fixtures of the conformance suite: sandboxes of the engine under test, gates, and the count.

The suite also runs stepped down: ``RINGFENCE_TEST_WALLS=landlock,seccomp`` makes every sandbox
accept exactly that set of walls. Behind it some limits cannot be enforced (threads, scratch files);
the sandboxes then ask for none, and the tests that need them are skipped.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

import ringfence
from ringfence import Sandbox
from ringfence.engine import Capabilities
from ringfence.runtime.registry import find_evaluator, list_evaluators
from ringfence_guest.protocol import turn
from tests.conformance.manifest import REQUIREMENTS
from tests.conformance.paths import needs_paths
from tests.conformance.saving import KEY, Restore

T = TypeVar("T")

Run = Callable[..., ringfence.Result]
Make = Callable[..., ringfence.Sandbox]
MakeAsync = Callable[..., ringfence.AsyncSandbox]


@dataclass(frozen=True)
class Level:
    """The walls under test. ``walls`` is None for the default set."""

    walls: frozenset[str] | None

    @property
    def private(self) -> bool:
        """Whether a guest has namespaces of its own, and with them threads and scratch files."""
        return self.walls is None or "namespaces" in self.walls or "wasm" in self.walls

    @property
    def paths(self) -> bool:
        """Whether a guest may open files by their paths."""
        return self.private or "landlock" in (self.walls or ())

    def lacks(self, need: str) -> str | None:
        """Why something cannot be asked for behind these walls."""
        if not self.private and need in ("limit:threads", "limit:disk", "limit:files", "threads"):
            return f"{need} cannot be had behind {{{', '.join(sorted(self.walls or ()))}}}"
        if not self.paths and need == "arenas":
            return f"no memory is shared behind {{{', '.join(sorted(self.walls or ()))}}}"
        return None

    def options(self, engine: str, options: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a sandbox at this level."""
        chosen = {"engine": engine, **options}
        if self.walls is not None:
            policy = chosen.get("policy") or ringfence.Policy()
            chosen["policy"] = ringfence.Policy(
                walls=[self.walls],
                read=policy.read,
                cpu_share=policy.cpu_share,
                deterministic=policy.deterministic,
                isolation=policy.isolation,
            )
        if not self.private:
            limits = chosen.get("limits") or ringfence.Limits()
            chosen["limits"] = limits.replace(threads=0, disk=0)
        return chosen


def _level() -> Level:
    named = os.environ.get("RINGFENCE_TEST_WALLS", "")
    return Level(frozenset(filter(None, named.split(","))) or None)


LEVEL = _level()


# --- gates ----------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requirement(*ids): the requirements of tests/conformance/manifest it proves"
    )


def _ids(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("requirement") for name in mark.args]


def _engine_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    params = {} if callspec is None else callspec.params
    name = params.get("engine", params.get("block_engine"))
    return name if isinstance(name, str) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A gap makes a test an expected failure: closing it turns the test red until it is removed."""
    for item in items:
        engine = _engine_of(item)
        for name in _ids(item):
            gap = REQUIREMENTS[name].gaps.get(engine or "") if name in REQUIREMENTS else None
            if gap is not None:
                reason = f"{name}: {gap.word}: {gap.reason}"
                item.add_marker(pytest.mark.xfail(strict=True, reason=reason))


def _missing(need: str, capabilities: Capabilities) -> bool:
    kind, _, name = need.partition(":")
    if kind == "limit":
        return name not in capabilities.limits
    if kind == "module":
        return name in capabilities.missing_modules
    return not getattr(capabilities, need)


@pytest.fixture(autouse=True)
def _gate(request: pytest.FixtureRequest) -> None:
    """Skip, with the reason, what the engine under test cannot do."""
    name = _engine_of(request.node)
    if name is None:
        return
    if name in list_evaluators():
        _gate_evaluator(request, name)
        return
    request.getfixturevalue("block_engine" if "block_engine" in request.fixturenames else "engine")
    capabilities = ringfence.engines()[name].capabilities
    for requirement in _ids(request.node):
        for need in REQUIREMENTS[requirement].needs:
            if _missing(need, capabilities):
                pytest.skip(f"{name} has no {need} (its Capabilities)")
            lacking = LEVEL.lacks(need)
            if lacking is not None:
                pytest.skip(f"{name}: {lacking}")
    if not LEVEL.paths and needs_paths(request.node.name):
        pytest.skip(f"{name}: no path calls behind {{{', '.join(sorted(LEVEL.walls or ()))}}}")


def _gate_evaluator(request: pytest.FixtureRequest, name: str) -> None:
    request.getfixturevalue("block_engine")
    budgets = find_evaluator(name).capabilities.budgets
    for requirement in _ids(request.node):
        for need in REQUIREMENTS[requirement].needs:
            if need.removeprefix("limit:") not in budgets:
                pytest.skip(f"{name} has no {need} (its Capabilities)")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many were skipped for which reason: a skip is a promise that nobody checked."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        if report.nodeid.startswith("tests/conformance/"):
            counted[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if counted:
        terminalreporter.section("conformance: skipped")
        for reason, count in counted.most_common():
            terminalreporter.line(f"{count:5} {reason}")


# --- sandboxes ------------------------------------------------------------------------------


@pytest.fixture
def level() -> Level:
    """The walls under test."""
    return LEVEL


_versions: dict[str, tuple[int, int]] = {}


@pytest.fixture
def guest_version(engine: str) -> tuple[int, int]:
    """Which CPython the guests of the engine under test are: what is internal to it differs."""
    if engine not in _versions:
        options = LEVEL.options(engine, {})
        found = ringfence.run("import sys\nsys.version_info[:2]", **options).raise_for_status()
        _versions[engine] = found.value
    return _versions[engine]


@pytest.fixture
def run(engine: str) -> Run:
    """:func:`ringfence.run` on the engine under test."""

    def run_once(code: str, **options: Any) -> ringfence.Result:
        return ringfence.run(code, **LEVEL.options(engine, options))

    return run_once


@pytest.fixture
def make(engine: str) -> Iterator[Make]:
    """Makes a started :class:`ringfence.Sandbox` of the engine under test; closed at the end."""
    made: list[ringfence.Sandbox] = []

    def make_one(**options: Any) -> ringfence.Sandbox:
        made.append(ringfence.Sandbox(**LEVEL.options(engine, options)))
        return made[-1].start()

    yield make_one
    for box in made:
        box.close()


@pytest.fixture
def box(make: Make) -> ringfence.Sandbox:
    """A sandbox of its own for this test, with the defaults."""
    return make()


_shared: dict[str, ringfence.Sandbox] = {}


@pytest.fixture
def shared(engine: str) -> ringfence.Sandbox:
    """A sandbox with the defaults that other tests use too: for what leaves no state behind."""
    kept = _shared.get(engine)
    if kept is None or not kept.alive:
        kept = _shared[engine] = ringfence.Sandbox(**LEVEL.options(engine, {})).start()
    return kept


@pytest.fixture
def make_async(engine: str) -> MakeAsync:
    """Makes an :class:`ringfence.AsyncSandbox`, not started: use it in ``async with``."""

    def make_one(**options: Any) -> ringfence.AsyncSandbox:
        return ringfence.AsyncSandbox(**LEVEL.options(engine, options))

    return make_one


@pytest.fixture(scope="session", autouse=True)
def _close_shared() -> Iterator[None]:
    yield
    for kept in _shared.values():
        kept.close()
    _shared.clear()


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run an async test to its end, on a loop of its own."""
    return asyncio.run(work)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled guest has as long as it needs to heed that, as busy as this machine may be.

    A guest is killed that has not ended its turn after 30 ms, so that a cancel takes less than 50
    whatever the guest does; how soon a willing one gets to run is the machine's affair. With this
    one that does not heed an interrupt fails the test, and one that is slow does not.
    """
    monkeypatch.setattr(turn, "CANCEL_GRACE", 30.0)


@pytest.fixture
def restore(engine: str) -> Iterator[Restore]:
    """Restores a save or a snapshot into a sandbox of the engine under test; closed at the end."""
    made: list[Sandbox] = []

    def restore_one(state: bytes, **options: Any) -> Sandbox:
        seal = {"key": KEY, **{k: options.pop(k) for k in ("key", "context") if k in options}}
        made.append(Sandbox.restore(state, **seal, **LEVEL.options(engine, options)))
        return made[-1]

    yield restore_one
    for box in made:
        box.close()


@pytest.fixture
def copy(make: Make, restore: Restore) -> Callable[..., Sandbox]:
    """A sandbox that was restored from one in which these cells had run."""

    def copy_of(*cells: str, **options: Any) -> Sandbox:
        box = make(**options)
        for cell in cells:
            box.run(cell).raise_for_status()
        return restore(box.save(key=KEY))

    return copy_of
