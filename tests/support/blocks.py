"""Block programs for tests: of the engine and the walls under test, closed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ringfence
from ringfence import Policy, blocks
from ringfence.blocks.dialect import read_unchecked
from ringfence.runtime.registry import find_evaluator, list_evaluators
from tests.conformance.conftest import LEVEL

__all__ = ["Programs"]


class Programs:
    """Makes programs that are evaluated by one engine."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        evaluator = find_evaluator(engine) if engine in list_evaluators() else None
        self.python = evaluator is None
        """Whether scripts run on CPython, with all that leads on from its values."""
        self.held: frozenset[str]
        """Limits of an instance that not every engine has."""
        self.breaks = frozenset[str]()
        """Limits in which an instance takes its guest with it."""
        self.lazy = evaluator is None or evaluator.capabilities.generator_expressions
        """Whether there are generator expressions."""
        if evaluator is None:
            self.held = frozenset({"fuel"}) & ringfence.engines()[engine].capabilities.limits
        else:
            can = evaluator.capabilities
            self.breaks = can.of_guest
            self.held = frozenset({"fuel", "memory"}) & (can.budgets - can.of_guest)
        self.policy = None if LEVEL.walls is None else Policy(walls=[LEVEL.walls])
        self._made: list[blocks.BlockProgram] = []

    def compile(self, source: str | Mapping[str, str], **options: Any) -> blocks.BlockProgram:
        """A checked program, of one script or of several."""
        sources = {"block": source} if isinstance(source, str) else source
        return self._keep(blocks.compile_all(sources, **options))

    def unchecked(self, source: str) -> blocks.BlockProgram:
        """A program that nobody checked."""
        return self._keep(blocks.BlockProgram([read_unchecked(source, "block")], ""))

    def _keep(self, program: blocks.BlockProgram) -> blocks.BlockProgram:
        self._made.append(program)
        return program

    def run(
        self, program: blocks.BlockProgram, parameters: Any = ({},), guests: int = 1, **limits: Any
    ) -> blocks.Evaluation:
        """Evaluate."""
        return program.evaluate(
            list(parameters) if isinstance(parameters, tuple) else parameters,
            limits=blocks.BlockLimits(**limits),
            engine=self.engine,
            policy=self.policy,
            guests=guests,
        )

    def one(self, source: str, **limits: Any) -> blocks.BlockResult:
        """What comes of one instance with the defaults."""
        return self.run(self.compile(source), **limits)[0]

    def close(self) -> None:
        """Close all of them."""
        for program in self._made:
            program.close()
