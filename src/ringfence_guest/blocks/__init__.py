"""What evaluates block scripts inside a guest that is CPython."""

from __future__ import annotations

from ringfence_guest.blocks.evaluator import BlockEvaluator

__all__ = ["BlockEvaluator"]
