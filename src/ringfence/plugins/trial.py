"""Trying a plugin with the test cases of its spec, before anybody depends on it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ringfence.model import Limits, Policy
from ringfence.model.hooks import Answer
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.hookspec import Case, HookSpec
from ringfence.plugins.host import PluginHost
from ringfence.plugins.quarantine import QuarantineRule

__all__ = ["CaseReport", "TrialReport", "try_out"]

_LONGEST = 500
_COSTLY = frozenset({"limit", "crashed"})
_EVERY_CASE = QuarantineRule(failures=1 << 30, hangs=1 << 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """What came of one test case.

    Attributes:
        hook: which was called.
        title: of the case.
        ok: whether it was answered, and rightly.
        implemented: whether the plugin has a function for the hook; where not, ``ok`` is True.
        reason: what is wrong; may have the plugin's text in it.
        seconds: that it took.
    """

    hook: str
    title: str
    ok: bool
    implemented: bool
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """What came of trying a plugin.

    Attributes:
        ok: whether every case went well, and at least one hook is implemented.
        cases: in the order of the spec.
        engine: what ran them.
        reason: what is wrong with the plugin as a whole; else empty.
    """

    ok: bool
    cases: tuple[CaseReport, ...]
    engine: str
    reason: str = ""


def try_out(
    bundle: Bundle,
    spec: type[HookSpec],
    *,
    engine: str | Sequence[str] = "auto",
    limits: Limits | None = None,
    packages: Sequence[str] = (),
    policy: Policy | None = None,
) -> TrialReport:
    """Call a plugin with each case of its spec, twice, in clean guests.

    What it returns has to be what the spec says, the same both times, and what the case expects.
    After a case that ends at a limit the others are not tried.

    Args:
        bundle: the plugin.
        spec: with its ``cases``.
        engine: as of :class:`PluginHost`.
        limits: as of :class:`PluginHost`.
        packages: as of :class:`PluginHost`.
        policy: as of :class:`PluginHost`.

    Raises:
        ConfigurationError, SpecMismatch: the plugin asks for what is not lent, or is for another
            spec.
        EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
    """
    with PluginHost(
        spec,
        [bundle],
        engine=engine,
        limits=limits,
        packages=packages,
        policy=policy,
        twice=True,
        quarantine=_EVERY_CASE,
    ) as host:
        reason = _load(host, bundle.manifest.name)
        cases = () if reason else tuple(_try_all(host, spec.cases))
        used = host.engine or ""
    return TrialReport(
        ok=not reason and all(case.ok for case in cases), cases=cases, engine=used, reason=reason
    )


def _load(host: PluginHost, name: str) -> str:
    """What is wrong with the plugin as a whole; empty if nothing."""
    failure = host.load(name)
    if failure is not None:
        return failure.reason
    if not host.implemented(name):
        spec = host.spec
        return f"it implements none of the hooks of {spec.spec_name}: {', '.join(spec.hooks)}"
    return ""


def _try_all(host: PluginHost, cases: Sequence[Case]) -> Iterator[CaseReport]:
    """Each case, up to one that costs as much as its limits let it: the others would too."""
    costly = ""
    for case in cases:
        if costly:
            yield CaseReport(
                hook=case.hook, title=case.title, ok=False, implemented=True,
                reason=f"not tried: {costly}", seconds=0.0,
            )  # fmt: skip
            continue
        report, costly = _try(host, case)
        yield report


def _try(host: PluginHost, case: Case) -> tuple[CaseReport, str]:
    """What came of a case, and why no other is to be tried."""
    begun = time.perf_counter()
    answer = host.ask_plugins(case.hook, **case.arguments)
    reason = costly = ""
    if answer is not None:
        if any(one.kind in _COSTLY for one in answer.failures):
            costly = "an earlier case ended at a limit, or with its guest"
        reason = "; ".join(map(str, answer.failures))
        if not reason and not answer.plugins:
            reason = "it returned None, which is no answer to a case"
        if not reason:
            reason = _judge(case, answer)
    report = CaseReport(
        hook=case.hook,
        title=case.title,
        ok=not reason,
        implemented=answer is not None,
        reason=reason,
        seconds=time.perf_counter() - begun,
    )
    return report, costly


def _judge(case: Case, answer: Answer) -> str:
    """What the case itself has against a value; empty if nothing."""
    if case.check is None:
        return ""
    value: Any = answer.value
    try:
        if case.check(value) is not False:
            return ""
        told = ""
    except AssertionError as error:
        told = str(error)
    except Exception as error:  # a check that stumbles over a value has not accepted it
        told = f"{type(error).__name__}: {error}"
    return "the value is not what the case expects" + (f": {told[:_LONGEST]}" if told else "")
