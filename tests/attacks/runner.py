"""Run an attack through the public entry point, and compare what came with what must come."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
import itertools
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import ringfence
from ringfence.engine import Capabilities, Engine
from ringfence.errors import PackageNotAvailable, PolicyNotEnforceable
from ringfence.jail.syscalls import syscall_numbers
from ringfence.model import Limits, Policy, Result
from ringfence.runtime.host_loop import host_loop
from ringfence.system.machine import machine_name
from tests.attacks.canaries import Canaries
from tests.attacks.conditions import Condition, Setting
from tests.attacks.corpus import Attack, Cell, Verdict, needs_of_module, verdict_of
from tests.attacks.host_functions import FUNCTIONS
from tests.support.service import REMOTE, standing_engine

__all__ = ["DEFAULT_LIMITS", "Observed", "Range", "check", "expected", "modules_of", "run_attack"]

DEFAULT_LIMITS: Mapping[str, Any] = {"wall": 10, "cpu": 10}
STREAM_SIZE = 3 << 20
"""Bytes that ``READER`` gives."""
ASKED = ("one\n", "two\n")
"""The lines that ``# stdin: ask`` gives, then the end."""
_MOST_FUEL = 1 << 62
_AFTERWARDS: Mapping[str, Any] = {"wall": 1, "cpu": 1}
_PROBE = """
import importlib, sys

def has(module):
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True

sys.version_info[:2], [name for name in wanted if has(name)]
"""


@dataclass(frozen=True)
class Observed:
    """What came of an attack.

    Attributes:
        results: the last turn's; two of them for an attack that is run twice.
        complaints: what the canaries saw; empty is as it must be.
        setting: where it ran.
    """

    results: tuple[Result, ...]
    complaints: tuple[str, ...]
    setting: Setting

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Of each result."""
        return tuple(map(verdict_of, self.results))


class Range:
    """Where attacks are run: an engine, a policy, and the canaries around them.

    Args:
        engine: its name, or an engine.
        policy: grants and accepted walls; None is the product's default.
        limit_overrides: limits that win over those of the files: what a weaker set of walls needs.
        python: another interpreter for the guests.

    Use it in a ``with`` block. It keeps one sibling sandbox for each image that attacks start from,
    so that an attack never pays for (or hides behind) the start of a zygote.
    """

    def __init__(
        self,
        engine: str | Engine,
        *,
        policy: Policy | None = None,
        limit_overrides: Mapping[str, Any] | None = None,
        python: str | None = None,
    ) -> None:
        self.engine = engine
        self.python = python
        self.policy = policy or Policy()
        self.overrides = dict(limit_overrides or {})
        host_loop()  # one for the whole process: no attack is to be blamed for its thread
        gc.collect()  # nor for an image of an earlier test, whose last guest goes with a cycle
        self.canaries = Canaries()
        self._siblings: dict[Any, ringfence.Sandbox] = {}

    def __enter__(self) -> Range:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the siblings, and take the canaries down."""
        for sibling in self._siblings.values():
            sibling.close()
        self._siblings.clear()
        self.canaries.close()

    # --- what an attack gets ---------------------------------------------------------------

    def limits(self, attack: Attack) -> Limits:
        """The limits of an attack's guest."""
        return Limits(**{**DEFAULT_LIMITS, **attack.limits, **self.overrides})

    @cached_property
    def _capabilities(self) -> Capabilities:
        engine = self.engine
        return (ringfence.engines()[engine] if isinstance(engine, str) else engine).capabilities

    def _options(self, attack: Attack) -> dict[str, Any]:
        policy = self.policy
        if attack.grant:
            policy = Policy(
                walls=policy.walls,
                read=[*policy.read, self.canaries.granted],
                isolation=policy.isolation,
            )
        return {
            "engine": self.engine,
            "policy": policy,
            "packages": attack.packages,
            "python": self.python,
            "limits": self.limits(attack),
        }

    def _sandbox(self, attack: Attack) -> ringfence.Sandbox:
        functions = {name: FUNCTIONS[name] for name in attack.functions}
        stdin: Any = attack.stdin
        if attack.asks:
            lines = iter(ASKED)
            stdin = lambda: next(lines, "")  # noqa: E731
        return ringfence.Sandbox(
            **self._options(attack), functions=functions, modules=modules_of(attack), stdin=stdin
        )

    def sibling(self, attack: Attack) -> ringfence.Sandbox:
        """A sandbox from the same image as the attack's, with a secret of its own."""
        options = self._options(attack)
        limits: Limits = options["limits"]
        counted = limits.fuel is not None
        key = (attack.packages, attack.grant, limits.threads > 0, bool(limits.disk), counted)
        sibling = self._siblings.get(key)
        if sibling is None:
            options["limits"] = Limits(
                **{"fuel": _MOST_FUEL if counted else None, **self.overrides}
            )
            sibling = ringfence.Sandbox(**options, functions=FUNCTIONS)
            code = "open('secret', 'w').write(secret)" if options["limits"].disk else "1"
            sibling.run(code, inputs={"secret": self.canaries.sibling_secret}).raise_for_status()
            # The first async host function starts the thread that runs all of them.
            sibling.run('await lookup_async("a")').raise_for_status()
            self._siblings[key] = sibling
        return sibling

    def setting(self, attack: Attack) -> Setting:
        """Where the attack would run: read from a result, not from what was asked for."""
        # Without what may need what is not there.
        able = {name: value for name, value in attack.limits.items() if name != "fuel"}
        plain = dataclasses.replace(attack, packages=(), limits=able)
        wanted = sorted(_asked_modules(attack))
        result = self.sibling(plain).run(_PROBE, inputs={"wanted": wanted}).raise_for_status()
        version, modules = result.value
        abi = re.search(r"Landlock ABI (\d+)", result.enforced["files"])
        return Setting(
            engine=standing_engine(result),
            walls=result.walls,
            limits=self.limits(attack),
            landlock=int(abi[1]) if abi and "landlock" in result.walls else 0,
            python=version,
            modules=frozenset(modules),
            starts_threads=self._capabilities.threads,
            bounds=self._capabilities.limits,
            remote=result.engine == REMOTE,
        )

    def unmet(self, attack: Attack) -> str | None:
        """Why the attack does not apply here: its first condition that does not hold, or None."""
        try:
            setting = self.setting(attack)
            broken = [c for c in _needs(attack) if not c.holds(setting)]
            if broken:
                return f"needs {broken[0]}"
            self.sibling(attack)
        except (PackageNotAvailable, PolicyNotEnforceable) as error:
            return str(error)
        return None

    # --- the attack ------------------------------------------------------------------------

    def run(self, attack: Attack) -> Observed:
        """Run it, then look at the canaries."""
        sibling = self.sibling(attack)
        setting = self.setting(attack)
        before = self.canaries.look()
        with contextlib.ExitStack() as stack:
            boxes = [
                stack.enter_context(self._sandbox(attack)) for _ in range(2 if attack.twice else 1)
            ]
            results = tuple(self._turns(attack, box) for box in boxes)
            beside = sibling.run("1 + 1")
            complaints = [c for box, r in zip(boxes, results, strict=True) for c in _after(box, r)]
        if beside.value != 2:
            complaints.append(f"the sibling sandbox answered {verdict_of(beside)} to 1 + 1")
        with self._sandbox(attack) as fresh:
            again = fresh.run("1 + 1", limits=fresh.limits.replace(**_AFTERWARDS))
            if again.value != 2:
                complaints.append(f"a fresh sandbox answered {verdict_of(again)} to 1 + 1")
        complaints += self.canaries.complaints(before, results)
        return Observed(results, tuple(complaints), setting)

    def _inputs(self, attack: Attack) -> dict[str, Any] | None:
        inputs: dict[str, Any] = {}
        if attack.aims:
            inputs["TARGET"] = self.canaries.target
        if attack.mentions("READER"):
            inputs["READER"] = ringfence.Reader(io.BytesIO(b"x" * STREAM_SIZE))
        if attack.mentions("WRITER"):
            inputs["WRITER"] = ringfence.Writer(io.BytesIO())
        return inputs or None

    def _turns(self, attack: Attack, box: ringfence.Sandbox) -> Result:
        inputs = self._inputs(attack)
        *before, last = attack.cells
        for cell in before:
            result = _turn(box, cell, inputs)
            if not result.ok:
                return result
            inputs = None
        return _turn(box, last, inputs)


def _turn(box: ringfence.Sandbox, cell: Cell, inputs: dict[str, Any] | None) -> Result:
    if cell.idle:
        threading.Event().wait(cell.idle)  # what the guest does meanwhile is the point
    return box.run(cell.source, inputs=inputs)


def _needs(attack: Attack) -> tuple[Condition, ...]:
    """The attack's own conditions, and those of the suite's modules that it imports."""
    borrowed = (needs_of_module(source) for source in modules_of(attack).values())
    return (*attack.needs, *itertools.chain.from_iterable(borrowed))


def _asked_modules(attack: Attack) -> set[str]:
    """The modules that the attack's conditions ask about."""
    asked = itertools.chain(_needs(attack), *(e.conditions for e in attack.expectations))
    return {condition.module for condition in asked if condition.module is not None}


def modules_of(attack: Attack) -> dict[str, str]:
    """The modules of the suite that an attack imports: name -> source."""
    return {name: source for name, source in _modules().items() if attack.imports(name)}


@cache
def _modules() -> dict[str, str]:
    """What attacks may import beside the standard library: name -> source."""
    numbers = f"NUMBERS = {dict(syscall_numbers(machine_name()))!r}\n"
    folder = Path(__file__).parent / "guest_modules"
    return {path.stem: numbers + path.read_text(encoding="utf-8") for path in folder.glob("*.py")}


def _after(box: ringfence.Sandbox, result: Result) -> Iterator[str]:
    """A sandbox that is said to be alive takes another turn; one that is not, none."""
    try:
        box.run("1 + 1", limits=box.limits.replace(**_AFTERWARDS))
    except ringfence.SandboxClosed:
        if result.alive:
            yield "the result said alive, but the sandbox takes no turn"
    else:
        if not result.alive:
            yield "the result said not alive, but the sandbox took a turn"


def run_attack(
    attack: Attack,
    *,
    engine: str | Engine,
    policy: Policy | None = None,
    limit_overrides: Mapping[str, Any] | None = None,
    python: str | None = None,
) -> Observed:
    """Run one attack with canaries of its own. For many, keep a :class:`Range`."""
    with Range(engine, policy=policy, limit_overrides=limit_overrides, python=python) as field:
        return field.run(attack)


def check(attack: Attack, observed: Observed) -> None:
    """Compare what came with what must come.

    Raises:
        AssertionError: it is something else, or a canary complained; the message says what.
    """
    wrong = list(_wrong(attack, observed))
    assert not wrong, "\n".join([f"{attack.id}: {attack.goal}", *wrong])


def expected(attack: Attack, setting: Setting) -> Verdict:
    """The verdict that must come where ``setting`` is."""
    for expectation in attack.expectations:
        if all(condition.holds(setting) for condition in expectation.conditions):
            return expectation.verdict
    raise AssertionError(f"{attack.id} expects nothing")  # the parser requires a plain expect


def _wrong(attack: Attack, observed: Observed) -> Iterable[str]:
    verdict = expected(attack, observed.setting)
    for actual, result in zip(observed.verdicts, observed.results, strict=True):
        if not verdict.fits(actual):
            yield f"  expected: {verdict}\n  got:      {actual}"
            if result.error is not None and result.error.traceback:
                yield result.error.traceback
        if attack.stdout is not None and not attack.stdout.matches(result.stdout):
            yield f"  expected on stdout: {attack.stdout}\n  got: {result.stdout!r}"
    if attack.twice:
        first, second = (_items(result.value) for result in observed.results)
        if first.keys() != second.keys():
            yield f"  two guests gave different items: {sorted(first)} and {sorted(second)}"
        for name in first.keys() & second.keys():
            if (first[name] == second[name]) != (attack.twice == "equal"):
                relation = "the same" if attack.twice == "differ" else "different"
                yield f"  two guests gave {relation} {name}: {first[name]!r}, {second[name]!r}"
    for complaint in observed.complaints:
        yield f"  canary: {complaint}"


def _items(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {str(name): item for name, item in value.items()}
    if isinstance(value, list | tuple):
        return {f"item {number}": item for number, item in enumerate(value)}
    return {"value": value}
