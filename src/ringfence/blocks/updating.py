"""What is dirty in a model, evaluated: instances after their inputs, in few round trips.

Where an engine can, an instance and those that it has as inputs go into one work, if they are of
one program, that is, of one publisher: the guest then gives it what the others have drawn. What a
guest says of that is its publisher's business alone; an instance of another publisher is only ever
given what the host has checked. What is said of an instance counts only once its inputs are sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ringfence.blocks.cache import ResultCache
from ringfence.blocks.engines import BlockEngines
from ringfence.blocks.geometry import record_dtype
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.links import Link
from ringfence.blocks.program import BlockProgram
from ringfence.blocks.results import BlockResult, BlockStatus, make_ok
from ringfence.model import Policy

if TYPE_CHECKING:
    from ringfence.blocks.model import Instance

__all__ = ["Update"]

_MOST_TOGETHER = 8_000

_Key = tuple[int, BlockLimits]
"""What instances of one work have in common: the program, by its id, and limits."""


@dataclass
class _Batch:
    """What is to be evaluated by one program, within the same limits."""

    program: BlockProgram
    limits: BlockLimits
    names: list[str] = field(default_factory=list)
    given: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    linked: bool = False


class Update:
    """Evaluates instances.

    Args:
        instances: all there are, by name.
        cache: results that were evaluated before.
        key_of: the hash of all that an instance depends on, once its inputs have theirs.
        settle: notes the result of an instance.

    Attributes:
        changed: the new results.
        left: instances that were not evaluated.
        cancelled: whether it was.
    """

    def __init__(
        self,
        instances: Mapping[str, Instance],
        cache: ResultCache,
        key_of: Callable[[Instance], str],
        settle: Callable[[str, BlockResult], None],
        *,
        limits: BlockLimits,
        engine: BlockEngines,
        policy: Policy | None,
        guests: int,
    ) -> None:
        self._instances, self._cache, self._key_of, self._settle = instances, cache, key_of, settle
        self._limits, self._engine, self._policy, self._guests = limits, engine, policy, guests
        self._batches: dict[_Key, _Batch] = {}
        self._places: dict[str, int] = {}  # of those that are in a batch
        self._links: dict[_Key, bool] = {}
        self._running: BlockProgram | None = None
        self._stopped = False
        self.changed: dict[str, BlockResult] = {}
        self.left: set[str] = set()
        self.cancelled = False

    def run(self, levels: Iterable[list[str]], *, linked: bool) -> None:
        """Evaluate instances, each level after those that it has as inputs.

        Args:
            levels: their names.
            linked: whether some may be given what others of the same work draw.
        """
        self.left.clear()
        for level in levels:
            for name in level:
                self._add(name, self._instances[name], linked=linked)
            if not linked:
                self._flush()
        self._flush()
        if self.cancelled:
            for name in self.left - self.changed.keys():
                self._note(name, _nothing(self._instances[name], "cancelled", "cancelled"))

    def cancel(self) -> bool:
        """End it, from any thread: what was evaluated stands. False if it was too late."""
        self._stopped = True
        running = self._running
        return running is None or running.cancel()

    def _add(self, name: str, one: Instance, *, linked: bool) -> None:
        inputs = one.inputs
        waiting = [other for other in inputs.values() if other in self._places]
        if waiting and not (linked and self._may_link(one, waiting)):
            self._flush()
            waiting = []
        if self.left and any(other in self.left for other in inputs.values()):
            self.left.add(name)
            return
        one.key = self._key_of(one)
        failed = [i for i in inputs.values() if i not in waiting and not self._result(i).ok]
        if failed:
            self._note(name, _failed(one, failed[0]))
            return
        kept = self._cache.get(one.key)
        limits = self._limits_of(one)
        if kept is not None and len(kept.geometry) <= limits.primitives:
            self._note(name, make_ok(one.script.name, kept.geometry, kept.texts))
            return
        key = (id(one.program), limits)
        batch = self._batches.setdefault(key, _Batch(one.program, limits))
        given = {
            parameter: Link(self._places[other])
            if other in waiting
            else self._result(other).geometry
            for parameter, other in inputs.items()
        }
        self._places[name] = len(batch.names)
        batch.names.append(name)
        batch.given.append((one.script.name, {**one.parameters, **given}))
        batch.linked = batch.linked or bool(waiting)
        if linked and len(batch.names) >= _MOST_TOGETHER:
            self._flush()

    def _may_link(self, one: Instance, waiting: list[str]) -> bool:
        """Whether an instance may be in one work with what it waits for."""
        program, limits = one.program, self._limits_of(one)
        for name in waiting:
            other = self._instances[name]
            if other.program is not program or self._limits_of(other) != limits:
                return False
        key = (id(program), limits)
        if key not in self._links:
            self._links[key] = program.links(self._engine, self._policy, limits)
        return self._links[key]

    def _limits_of(self, one: Instance) -> BlockLimits:
        return self._limits if one.limits is None else one.limits

    def _flush(self) -> None:
        """Evaluate what waits for it."""
        batches, self._batches = list(self._batches.values()), {}
        self._places.clear()
        for batch in batches:
            self._running = batch.program  # before it is asked whether it goes on
            if self._stopped:
                self.cancelled = True
                self.left.update(batch.names)
                continue
            try:
                results, cancelled = batch.program.evaluate_linked(
                    batch.given, limits=batch.limits, engine=self._engine, policy=self._policy,
                    guests=self._guests, linked=batch.linked,
                )  # fmt: skip
            finally:
                self._running = None
            for name, result in zip(batch.names, results, strict=True):
                self._take(name, result, evaluated=cancelled or not batch.linked)

    def _take(self, name: str, result: BlockResult, *, evaluated: bool) -> None:
        """Note a result, if it counts.

        Args:
            name: of the instance.
            result: of it.
            evaluated: whether one that was not evaluated never will be.
        """
        one = self._instances[name]
        inputs = one.inputs.values()
        if self.left and any(other in self.left for other in inputs):
            self.left.add(name)
        elif failed := [other for other in inputs if not self._result(other).ok]:
            self._note(name, _failed(one, failed[0]))
        elif result.status == "cancelled":
            self.left.add(name)
            if evaluated:
                self.cancelled = True
                self._note(name, result)
        elif result.ok:
            kept = self._cache.put(one.key, result.geometry, result.texts)
            self._note(name, make_ok(result.block, kept.geometry, kept.texts))
        else:
            self._note(name, result)

    def _note(self, name: str, result: BlockResult) -> None:
        self.changed[name] = result
        self._settle(name, result)

    def _result(self, name: str) -> BlockResult:
        result = self._instances[name].result
        assert result is not None  # it is of an earlier level
        return result


def _failed(one: Instance, cause: str) -> BlockResult:
    return _nothing(one, "error", f"input {cause} failed")


def _nothing(one: Instance, status: BlockStatus, reason: str) -> BlockResult:
    import numpy as np

    nothing = np.empty(0, record_dtype())
    return BlockResult(one.script.name, status, reason, one.script.line, nothing)
