"""Evaluators that a test needs."""

from __future__ import annotations

import os

import pytest

from ringfence.engine import EvaluatorEngine
from ringfence.runtime.registry import find_evaluator

__all__ = ["require_evaluator"]


def require_evaluator(name: str) -> EvaluatorEngine:
    """The evaluator, or a skip with its reason where it cannot run: a failure if
    ``RINGFENCE_REQUIRE_ENGINES`` names it.
    """
    found = find_evaluator(name)
    availability = found.availability()
    if not availability.walls:
        reason = f"{name} cannot run here: {dict(availability.missing)} {availability.remedy}"
        if name in os.environ.get("RINGFENCE_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
