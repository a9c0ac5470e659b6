"""Block programs for tests: of the engine and the walls under test, closed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringfence import Policy, blocks
from ringfence.blocks.dialect import read_unchecked
from tests.conformance.conftest import LEVEL

__all__ = ["Programs"]


class Programs:
    """Makes programs that are evaluated by one engine."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
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
