"""Which way scripts are evaluated: found by what an engine can do, and never by its name."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.blocks.dialect import Script
from ringfence.blocks.evaluators import EvaluatorBlocks
from ringfence.blocks.guests import GuestBlocks
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.port import BlockEngine
from ringfence.engine import Engine, EvaluatorEngine
from ringfence.errors import EngineNotAvailable, PolicyNotEnforceable
from ringfence.model import Policy
from ringfence.runtime.registry import as_evaluator

__all__ = ["BlockEngines", "open_engine"]

BlockEngines = str | Engine | EvaluatorEngine | Sequence[str | Engine | EvaluatorEngine]
"""An engine's name, an engine, or several to try in order."""


def open_engine(
    scripts: Sequence[Script], engine: BlockEngines, policy: Policy, limits: BlockLimits
) -> BlockEngine:
    """Scripts of one publisher, ready to be evaluated within such limits.

    Raises:
        BlockRejected: a script holds what the engine's language does not have.
        ConfigurationError: there is no such engine, or the scripts are too much.
        PolicyNotEnforceable: a limit or a wall cannot be had with the one engine asked for.
        EngineNotAvailable, EngineFailure: there is no guest to be had.
    """
    several = engine if isinstance(engine, Sequence) and not isinstance(engine, str) else [engine]
    if not any(as_evaluator(one) is not None for one in several):
        return _open(scripts, engine, policy, limits)
    reasons = []
    for one in several:
        try:
            return _open(scripts, one, policy, limits)
        except (PolicyNotEnforceable, EngineNotAvailable) as error:
            if len(several) == 1:
                raise
            reasons.append(str(error))
    raise EngineNotAvailable("no engine can evaluate these blocks:\n" + "\n".join(reasons))


def _open(
    scripts: Sequence[Script], engine: BlockEngines, policy: Policy, limits: BlockLimits
) -> BlockEngine:
    evaluator = as_evaluator(engine)
    if evaluator is None:
        GuestBlocks.check_limits(limits)
        return GuestBlocks(scripts, engine, policy, fuel=limits.fuel is not None)  # type: ignore[arg-type]
    EvaluatorBlocks.check_limits(evaluator, limits)
    return EvaluatorBlocks(scripts, evaluator, policy)
