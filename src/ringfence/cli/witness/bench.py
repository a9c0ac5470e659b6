"""Where probes run: an engine behind a set of walls, through the public entry points."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ringfence.cli.values import describe_value
from ringfence.cli.witness.canaries import Canaries
from ringfence.cli.witness.evidence import Seen, fell, stood
from ringfence.engine import Capabilities, Engine
from ringfence.errors import PolicyNotEnforceable
from ringfence.model import Limits, Policy, Result, Status, WallSet
from ringfence.runtime.registry import find_engine
from ringfence.sandbox import Sandbox, run

__all__ = ["PATIENCE", "Bench", "describe_result", "ended_in"]

PATIENCE = 10.0
"""Seconds of wall and CPU that a probe may take; every hostile program ends by itself before."""

_SYSTEM_ERROR = re.compile(r"\[Errno (\d{1,4})\] ([^:]*)")
_DENIALS = frozenset({"PermissionError", "FileNotFoundError", "OSError", "BlockingIOError"})


class Bench:
    """One engine behind one set of walls.

    Args:
        engine: the engine, or its name.
        walls: the set.
        canaries: what guests must not reach.
        python: the interpreter of the guests, by path; None for the host's own.

    Raises:
        PolicyNotEnforceable: the engine cannot stand behind these walls, even with no threads and
            no disk.
    """

    def __init__(
        self,
        engine: str | Engine,
        walls: WallSet,
        canaries: Canaries,
        python: str | None = None,
    ) -> None:
        self.engine = engine
        self.python = python
        self.walls = walls
        self.canaries = canaries
        self.limits, self.first = self._find_limits()

    def _find_limits(self) -> tuple[Limits, Result]:
        """The defaults, without those that cannot be enforced behind these walls."""
        plain = Limits(wall=PATIENCE, cpu=PATIENCE)
        choices = [
            plain,
            plain.replace(threads=0),
            plain.replace(disk=0),
            plain.replace(threads=0, disk=0),
        ]
        refusal: PolicyNotEnforceable | None = None
        for limits in choices:
            self.limits = limits
            try:
                return limits, self.run("None")
            except PolicyNotEnforceable as error:
                refusal = refusal or error
        assert refusal is not None
        raise refusal

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        engine = find_engine(self.engine) if isinstance(self.engine, str) else self.engine
        return engine.capabilities

    def run(
        self,
        code: str,
        limits: Mapping[str, float] = MappingProxyType({}),
        *,
        policy: Mapping[str, Any] = MappingProxyType({}),
        functions: Any = (),
    ) -> Result:
        """Run ``code`` in a fresh guest, under the bench's limits but for those given."""
        return run(
            code,
            engine=self.engine,
            limits=self.limits.replace(**limits),
            policy=Policy(walls=[self.walls], **policy),
            functions=functions,
            python=self.python,
            inputs=self.canaries.told,
        )

    def sandbox(self, **options: Any) -> Sandbox:
        """A sandbox of the same kind."""
        return Sandbox(
            engine=self.engine,
            limits=self.limits,
            policy=Policy(walls=[self.walls]),
            python=self.python,
            **options,
        )

    def deny(self, code: str) -> Seen:
        """Run what must be denied: it must end in an error of the operating system, or be killed.

        Any other end is none, and no secret may come out, whatever the end.
        """
        result = self.run(code)
        leak = self.leak(result)
        if leak:
            return fell(leak)
        denied = ended_in(result, "error", *_DENIALS) or ended_in(result, "crashed", "SIGSYS")
        return (stood if denied else fell)(describe_result(result))

    def leak(self, result: Result) -> str:
        """What a guest got hold of that it must not have; empty if nothing."""
        reached = self.canaries.reached()
        if reached:
            return f"{reached} was reached"
        everything = repr((result.value, result.stdout, result.stderr, result.error))
        if self.canaries.secret in everything:
            return "the host's secret came out"
        return ""

    def stop(self, limit: str, code: str, limits: Mapping[str, float], functions: Any = ()) -> Seen:
        """Run what must reach ``limit``."""
        result = self.run(code, limits, functions=functions)
        reached = result.status == "limit" and result.limit == limit
        return (stood if reached else fell)(describe_result(result))


def ended_in(result: Result, status: Status, *types: str) -> bool:
    """Whether a turn ended so, with an error of one of these types."""
    return result.status == status and result.error is not None and result.error.type in types


def describe_result(result: Result) -> str:
    """How a turn ended, in a few words. Guest text is in it."""
    error = result.error
    if result.status == "ok":
        return f"it worked, with {describe_value(result.value, 100)}"
    if result.status == "limit":
        return f"limit {result.limit}"
    if error is None:
        return result.status
    if result.status == "crashed" and error.type.startswith("SIG"):
        return f"killed by {error.type}"
    told = error.message.partition("\n")[0][:100]
    match = _SYSTEM_ERROR.match(told)
    if match is None:
        return f"{error.type}: {told}"
    number, text = int(match[1]), match[2]
    # The numbers of a guest's errors are the host's only where the kernel is the same.
    name = errno.errorcode.get(number) if os.strerror(number) == text else None
    return f"{name or error.type}: {text}"
