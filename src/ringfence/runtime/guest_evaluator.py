"""Any engine's guests as an evaluator: one script, called in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from ringfence.engine import Cancel, EvaluatorCapabilities
from ringfence.errors import ConfigurationError, GuestFailure, PolicyNotEnforceable
from ringfence.model import Limits, Policy
from ringfence.model.evaluation import (
    BatchOutcomes,
    Budget,
    Calls,
    CallStatus,
    GuestErrorInfo,
    Script,
)
from ringfence.model.limits import parse_duration
from ringfence.runtime.evaluator import GuestProgram
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.source import Engines

__all__ = ["GuestEvaluator"]

_UNCOUNTED: Final = Budget(recursion=None, memory=None, wall=None)
_SHARING: Final = frozenset({"wall", "output"})
_ALONE: Final = frozenset({"output"})


class GuestEvaluator:
    """Calls of a function in a guest of its own.

    Args:
        engine: whose guests.
        limits: of the guest.
        policy: its grants and walls.

    Raises:
        ConfigurationError, PolicyNotEnforceable, EngineNotAvailable, EngineFailure: there is no
            guest to be had.
    """

    def __init__(
        self, engine: Engines, *, limits: Limits | None = None, policy: Policy | None = None
    ) -> None:
        self._engine, self._limits, self._policy = engine, limits, policy
        session, give_back = self._recipe(limits).start()
        self.name = session.engine
        self.capabilities = EvaluatorCapabilities(
            walls=session.walls,
            budgets=_SHARING if session.guest.shares_memory else _ALONE,
            full_python=True,
        )
        session.close()
        give_back()

    def _recipe(self, limits: Limits | None) -> Recipe:
        return Recipe(
            self._engine, limits, self._policy, (), None, (), None, None, None, None, None
        )

    def compile(
        self,
        scripts: Sequence[Script],
        *,
        prelude: str = "",
        budget: Budget | None = None,
    ) -> _Program:
        """See :meth:`ringfence.engine.Evaluator.compile`."""
        if len(scripts) != 1 or prelude:
            raise PolicyNotEnforceable(f"{self.name}: a program has one script, and no prelude")
        budget = self._check(budget)
        limits = (self._limits or Limits()).replace(output=budget.output)
        try:
            program = GuestProgram(scripts[0].source, scripts[0].entry, self._recipe(limits))
        except GuestFailure as failure:
            info = failure.result.error or GuestErrorInfo("GuestFailure", str(failure), "")
            return _Program(self, None, info, limits, budget)
        return _Program(self, program, None, limits, budget)

    def _check(self, budget: Budget | None) -> Budget:
        """The budget, if it can be held."""
        budget = budget or _UNCOUNTED
        for name in ("fuel", "recursion", "memory", "wall"):
            value = getattr(budget, name)
            if value is not None and name not in self.capabilities.budgets:
                raise PolicyNotEnforceable(
                    f"{self.name}: {name}={value} for each call cannot be held; leave it None, or "
                    "use engine='micro'"
                )
        return budget


class _Program:
    """See :class:`ringfence.engine.Program`."""

    def __init__(
        self,
        evaluator: GuestEvaluator,
        program: GuestProgram | None,
        failure: GuestErrorInfo | None,
        limits: Limits,
        budget: Budget,
    ) -> None:
        self._budget = budget
        self._evaluator = evaluator
        self._program = program
        self._limits = limits
        self.failed: Mapping[int, GuestErrorInfo] = {} if failure is None else {0: failure}

    def evaluate(
        self,
        calls: Sequence[Calls],
        budget: Budget | None = None,
        *,
        width: int = 1,
        dtype: Literal["float64", "int64"] = "float64",
        record: int | None = None,
        state: Literal["loaded", "fresh", "kept"] = "loaded",
        measure: bool = False,
        cancel: Cancel | None = None,
    ) -> BatchOutcomes:
        budget = self._evaluator._check(budget or self._budget)
        name = self._evaluator.name
        if state != "kept":
            raise PolicyNotEnforceable(f"{name}: state={state!r} cannot be had, only 'kept'")
        if record is not None or measure:
            raise PolicyNotEnforceable(f"{name}: records and measured calls cannot be had")
        if len(calls) != 1 or calls[0].script != 0:
            raise ConfigurationError("calls must be of the one script, together")
        one = calls[0]
        if self._program is None:
            return self._all_failed(one, width, dtype)
        program = self._program
        if cancel is not None:
            cancel.tell(program.cancel)
        try:
            most = parse_duration(self._limits.wall, "wall")
            each = None if budget.wall is None else min(budget.wall, most)
            done = program.evaluate(
                one.columns, count=one.count, width=width, dtype=dtype, each=each
            )
        finally:
            if cancel is not None:
                cancel.forget(program.cancel)
        stopped = (done.status == int(CallStatus.LIMIT)).nonzero()[0].tolist()
        return BatchOutcomes(
            status=done.status,
            values=done.values,
            errors=done.errors,
            limits=dict.fromkeys(stopped, "wall"),
            output=done.result.stdout.encode(),
            guests=done.guests,
            cancelled=done.result.status == "cancelled",
        )

    def _all_failed(self, calls: Calls, width: int, dtype: str) -> BatchOutcomes:
        import numpy as np

        lengths: set[Any] = {len(column) for column in calls.columns} | {calls.count} - {None}
        if len(lengths) != 1:
            raise ConfigurationError("columns and count disagree about the number of calls")
        count = lengths.pop()
        return BatchOutcomes(
            status=np.full(count, int(CallStatus.ERROR), np.uint8),
            values=np.zeros((count, width) if width > 1 else count, dtype),
            errors=dict.fromkeys(range(min(count, 100)), self.failed[0]),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._program is not None:
            self._program.close()
