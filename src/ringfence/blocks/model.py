"""Instances that depend on each other: after a change, only what it concerns is evaluated again."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ringfence.blocks.cache import ResultCache
from ringfence.blocks.dialect import Script
from ringfence.blocks.engines import BlockEngines
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.parameters import bind_rows
from ringfence.blocks.program import BlockProgram
from ringfence.blocks.results import BlockResult
from ringfence.blocks.signature import Parameter
from ringfence.blocks.updating import Update
from ringfence.errors import BlockCycle, ConfigurationError
from ringfence.model import Policy

__all__ = ["IDENTITY", "Instance", "Matrix", "Model", "Placed"]

Matrix = tuple[float, ...]
"""An affine map: twelve floats, the rows of a 3 by 4 matrix."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_MOST_PLACED = 1_000_000
_EVALUATOR = 1
"""Counts up with every change after which equal scripts may draw something else."""


class Placed(NamedTuple):
    """The geometry of an instance, where it lies.

    Attributes:
        name: the instance.
        matrix: where its coordinates come to lie.
        result: what it drew.
    """

    name: str
    matrix: Matrix
    result: BlockResult


class Instance:
    """What is known of one."""

    def __init__(
        self,
        script: Script,
        program: BlockProgram,
        parameters: dict[str, Any],
        inputs: dict[str, str],
        children: tuple[tuple[str, Matrix], ...],
        limits: BlockLimits | None,
    ) -> None:
        self.script, self.program, self.parameters = script, program, parameters
        self.inputs, self.children, self.limits = inputs, children, limits
        self.key = ""
        self.result: BlockResult | None = None

    @property
    def needs(self) -> set[str]:
        """The instances that have to be there."""
        return {*self.inputs.values(), *(name for name, _ in self.children)}


class Model:
    """Named instances of blocks, and the results of those that are up to date.

    An instance may have *inputs*: its parameters of type ``Geometry`` are given the geometry of
    other instances, read-only; when one of these changes, it is evaluated again. And it may have
    *children*: instances that are placed with it, by a matrix; they change nothing of its own
    geometry.

    Args:
        programs: the programs whose scripts there are; each has one publisher. Names of scripts
            occur once.
        cache: results that were evaluated before; a new one by default.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self, programs: Sequence[BlockProgram], *, cache: ResultCache | None = None
    ) -> None:
        self.cache = ResultCache() if cache is None else cache
        self._scripts: dict[str, tuple[Script, BlockProgram]] = {}
        for program in programs:
            for name, script in program.scripts.items():
                if name in self._scripts:
                    raise ConfigurationError(f"two programs have a script {name!r}")
                self._scripts[name] = script, program
        self._instances: dict[str, Instance] = {}
        self._dependents: dict[str, set[str]] = {}
        self._dirty: set[str] = set()
        self._update: Update | None = None

    def __len__(self) -> int:
        return len(self._instances)

    def __contains__(self, name: object) -> bool:
        return name in self._instances

    @property
    def dirty(self) -> frozenset[str]:
        """The instances that the next evaluation evaluates, before it looks into the cache."""
        return frozenset(self._dirty)

    def set(
        self,
        name: str,
        block: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        inputs: Mapping[str, str] | None = None,
        children: Collection[tuple[str, Matrix]] = (),
        limits: BlockLimits | None = None,
    ) -> None:
        """Add an instance, or change one. The model stays as it was if this is refused.

        Args:
            name: of the instance.
            block: the name of its script.
            parameters: name -> value; what is missing has its default.
            inputs: parameter of type ``Geometry`` -> the name of an instance.
            children: instances to place with it: name and matrix of each.
            limits: what this instance may use; by default what :meth:`evaluate` is given.

        Raises:
            ConfigurationError: there is no such script, instance or parameter.
            ValidationFailed: a parameter has another type.
            BlockCycle: it would depend on itself; names the circle.
        """
        if block not in self._scripts:
            raise ConfigurationError(f"{name}: there is no script {block!r}")
        script, program = self._scripts[block]
        new = Instance(
            script,
            program,
            dict(parameters or {}),
            dict(inputs or {}),
            tuple((child, _check_matrix(name, matrix)) for child, matrix in children),
            limits,
        )
        wanted = {one.name for one in script.parameters if one.type == "geometry"}
        if new.inputs.keys() != wanted:
            raise ConfigurationError(
                f"{name}: {block} has the inputs {sorted(wanted)}, not {sorted(new.inputs)}"
            )
        for other in sorted(new.needs):
            if other != name and other not in self._instances:
                raise ConfigurationError(f"{name}: there is no instance {other!r}")
        _check_parameters(script, name, new.parameters)
        self._refuse_circle(name, new)
        old = self._instances.get(name)
        for other in old.needs if old is not None else ():
            self._dependents[other].discard(name)
        for other in new.needs:
            self._dependents[other].add(name)
        self._dependents.setdefault(name, set())
        self._instances[name] = new
        self._touch(name)

    def remove(self, name: str) -> None:
        """Take an instance away.

        Raises:
            ConfigurationError: there is none, or others need it.
        """
        if name not in self._instances:
            raise ConfigurationError(f"there is no instance {name!r}")
        if self._dependents[name]:
            raise ConfigurationError(f"{name} is needed by {sorted(self._dependents[name])[:5]}")
        for other in self._instances.pop(name).needs:
            self._dependents[other].discard(name)
        del self._dependents[name]
        self._dirty.discard(name)

    def evaluate(
        self,
        *,
        limits: BlockLimits | None = None,
        engine: BlockEngines = "auto",
        policy: Policy | None = None,
        guests: int = 1,
    ) -> dict[str, BlockResult]:
        """Evaluate what is dirty, each after its inputs; returns the new results by name.

        An instance whose input failed fails too, with the status ``error``. What was cancelled
        stays dirty, with all that has it as an input. See :meth:`BlockProgram.evaluate` for the
        arguments and errors.
        """
        version = f"{_EVALUATOR} {_name_of(engine)} {sys.version_info[:2]}"
        update = self._update = Update(
            self._instances,
            self.cache,
            lambda one: self._key(one, version),
            self._settle,
            limits=BlockLimits() if limits is None else limits,
            engine=engine,
            policy=policy,
            guests=guests,
        )
        linked = True
        try:
            while self._dirty:
                before = len(self._dirty)
                update.run(self._levels(), linked=linked)
                if update.cancelled or not update.left:
                    break
                # Something was out of the ordinary: soon level by level, which is sure to get on.
                linked = linked and 2 * len(self._dirty) < before
        finally:
            self._update = None
        return update.changed

    def cancel(self) -> bool:
        """End the running evaluation, from any thread; False when none is running. What was
        evaluated stands, the rest is ``cancelled`` and stays dirty.
        """
        update = self._update
        return update is not None and update.cancel()

    def result(self, name: str) -> BlockResult | None:
        """The last result of an instance; None if it was never evaluated.

        Raises:
            ConfigurationError: there is no such instance.
        """
        if name not in self._instances:
            raise ConfigurationError(f"there is no instance {name!r}")
        return self._instances[name].result

    def placed(self, name: str, matrix: Matrix = IDENTITY) -> Iterator[Placed]:
        """An instance and its children, and theirs, each with the matrix of where it lies.

        Raises:
            ConfigurationError: there is no such instance, or there are more than a million.
        """
        waiting = [(name, _check_matrix(name, matrix))]
        count = 0
        while waiting:
            current, where = waiting.pop()
            result = self.result(current)
            count += 1
            if count > _MOST_PLACED:
                raise ConfigurationError(f"{name} places more than {_MOST_PLACED} instances")
            if result is not None:
                yield Placed(current, where, result)
            children = self._instances[current].children
            waiting += [(child, _multiply(where, inner)) for child, inner in reversed(children)]

    # --- inside ----------------------------------------------------------------------------

    def _touch(self, name: str) -> None:
        """Mark an instance and what has it as an input, directly or not."""
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current != name and current in self._dirty:
                continue
            self._dirty.add(current)
            waiting += [
                other
                for other in self._dependents[current]
                if current in self._instances[other].inputs.values()
            ]

    def _levels(self) -> Iterator[list[str]]:
        """What is dirty, each level after those that it has as inputs."""
        missing = {
            name: {i for i in self._instances[name].inputs.values() if i in self._dirty}
            for name in self._dirty
        }
        ready = sorted(name for name, needs in missing.items() if not needs)
        while ready:
            yield ready
            following = []
            for name in ready:
                for other in self._dependents[name]:
                    needs = missing.get(other)
                    if needs and name in needs:
                        needs.discard(name)
                        if not needs:
                            following.append(other)
            ready = sorted(following)

    def _refuse_circle(self, name: str, new: Instance) -> None:
        """Look whether what it needs needs it."""
        came: dict[str, str] = {}
        waiting = sorted(new.needs)
        came.update(dict.fromkeys(waiting, name))
        while waiting:
            current = waiting.pop()
            if current == name:
                circle = [name]
                while circle[-1] != name or len(circle) == 1:
                    circle.append(came[circle[-1]])
                raise BlockCycle(tuple(reversed(circle)))
            for other in self._instances[current].needs:
                if other not in came:
                    came[other] = current
                    waiting.append(other)

    def _settle(self, name: str, result: BlockResult) -> None:
        self._instances[name].result = result
        if result.status != "cancelled":
            self._dirty.discard(name)
            if not self._dirty:  # a set keeps the room it had, and is as slow to go through
                self._dirty = set()

    def _key(self, one: Instance, version: str) -> str:
        """The hash of all that its geometry depends on."""
        values: list[Any] = [version, one.script.key]
        for parameter in one.script.parameters:
            if parameter.type == "geometry":
                values.append(self._instances[one.inputs[parameter.name]].key)
            else:
                values.append(
                    _plain(parameter, one.parameters.get(parameter.name, parameter.default))
                )
        return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(parameter: Parameter, value: Any) -> Any:
    """A parameter as the guest sees it, so that 1 and 1.0 of a float are the same."""
    if parameter.type == "float":
        return float(value)
    return tuple(map(float, value)) if parameter.type == "tuple" else value


def _check_parameters(script: Script, name: str, parameters: Mapping[str, Any]) -> None:
    """Refuse now what an evaluation would refuse.

    Raises:
        ValidationFailed: see :meth:`Model.set`.
    """
    plain = tuple(one for one in script.parameters if one.type != "geometry")
    if parameters.keys() <= {one.name for one in plain} and all(
        _is_plainly(one.type, parameters.get(one.name, one.default)) for one in plain
    ):
        return
    named = Script(
        script.name, script.source, script.function, script.line, plain, script.key, script.tree
    )
    bind_rows(named, [parameters], [name])


def _is_plainly(wanted: str, value: Any) -> bool:
    """Whether a value is certainly one of a type: what is not is looked at more closely."""
    if wanted == "float":
        return type(value) is float and math.isfinite(value)
    if wanted == "int":
        return type(value) is int and -(1 << 63) <= value < 1 << 63
    return wanted == "bool" and type(value) is bool


def _name_of(engine: BlockEngines) -> str:
    if isinstance(engine, str):
        return engine
    if isinstance(engine, Sequence):
        return ", ".join(map(_name_of, engine))
    return engine.name


def _check_matrix(name: str, matrix: object) -> Matrix:
    if not isinstance(matrix, tuple | list) or len(matrix) != 12:
        raise ConfigurationError(f"{name}: a matrix has twelve numbers")
    numbers = tuple(float(number) for number in matrix if type(number) in (int, float))
    if len(numbers) != 12 or not all(map(math.isfinite, numbers)):
        raise ConfigurationError(f"{name}: a matrix has twelve finite numbers")
    return numbers


def _multiply(outer: Matrix, inner: Matrix) -> Matrix:
    """First the inner map, then the outer one."""
    rows: list[float] = []
    for row in (0, 4, 8):
        a, b, c, d = outer[row : row + 4]
        rows += [a * inner[k] + b * inner[4 + k] + c * inner[8 + k] for k in range(3)]
        rows.append(a * inner[3] + b * inner[7] + c * inner[11] + d)
    return tuple(rows)
