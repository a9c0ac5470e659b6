"""The requirements, by feature."""

from tests.conformance.manifest import (
    arenas,
    batches,
    blocks,
    bounds,
    conversation,
    evaluators,
    freezing,
    grants,
    lifecycle,
    outcomes,
    pools,
    state,
    values,
)
from tests.conformance.requirements import merge

__all__ = ["REQUIREMENTS"]

REQUIREMENTS = merge(
    values.REQUIREMENTS,
    bounds.REQUIREMENTS,
    outcomes.REQUIREMENTS,
    conversation.REQUIREMENTS,
    freezing.REQUIREMENTS,
    lifecycle.REQUIREMENTS,
    grants.REQUIREMENTS,
    pools.REQUIREMENTS,
    arenas.REQUIREMENTS,
    batches.REQUIREMENTS,
    evaluators.REQUIREMENTS,
    blocks.REQUIREMENTS,
    state.REQUIREMENTS,
)
"""Every requirement, by id."""
