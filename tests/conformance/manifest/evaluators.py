"""Evaluators: short calls of scripts, each with a budget of its own."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_MICRO = "issue 5: Build 2"

REQUIREMENTS = {
    "evaluator.language": R(
        "What a script computes is what Python computes; a floor of cases is named.", _MICRO
    ),
    "evaluator.outcomes": R("A call that raises ends alone, with type, message, line.", _MICRO),
    "evaluator.budget": R(
        "A call that reaches a bound ends alone; the bound is named.", _MICRO, (), True
    ),
    "evaluator.refused": R("What cannot be held is refused before it starts.", _MICRO, (), True),
    "evaluator.cancel": R("A batch is cancelled from any thread; what was done stands.", _MICRO),
    "evaluator.fuel": R("The same call uses the same fuel, in every process.", _MICRO),
    "evaluator.state": R("What a call finds of the ones before it is what was asked for.", _MICRO),
    "evaluator.records": R("Each call hands back records; their number is checked.", _MICRO),
    "evaluator.scripts": R("Scripts of one program have namespaces of their own.", _MICRO),
}
