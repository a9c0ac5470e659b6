"""The requirements, by feature."""

from tests.conformance.manifest import (
    bounds,
    conversation,
    grants,
    lifecycle,
    outcomes,
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
    lifecycle.REQUIREMENTS,
    grants.REQUIREMENTS,
    state.REQUIREMENTS,
)
"""Every requirement, by id."""
