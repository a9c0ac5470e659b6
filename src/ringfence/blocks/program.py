"""Checked scripts of one publisher, and the guests that evaluate them."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Self

from ringfence.blocks.dialect import Script, check
from ringfence.blocks.engines import BlockEngines, open_engine
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.parameters import bind_column, bind_rows
from ringfence.blocks.port import BlockEngine, Chunk, Work
from ringfence.blocks.results import Evaluation
from ringfence.errors import ConfigurationError, SandboxClosed
from ringfence.model import Policy
from ringfence.runtime import arguments

__all__ = ["BlockProgram", "Instance", "compile_all", "compile_block"]

Instance = tuple[str, Mapping[str, Any]]
"""The name of a script, and the parameters that differ from their defaults."""

_MOST_GUESTS = 64
_MOST_SCRIPTS = 100_000
_MOST_INSTANCES = 10_000_000


def compile_block(source: str, *, name: str = "block", publisher: str = "") -> BlockProgram:
    """Check one block script.

    Args:
        source: the script: a function with typed parameters, and what it needs above it.
        name: what messages and results call it; the file's name, for example.
        publisher: who wrote it. A program holds scripts of one publisher, and its guests are its
            own.

    Raises:
        BlockRejected: it does not keep to the dialect; says all that is wrong.
        ConfigurationError: an argument is wrong.
    """
    return compile_all({name: source}, publisher=publisher)


def compile_all(sources: Mapping[str, str], *, publisher: str = "") -> BlockProgram:
    """Check many block scripts of one publisher, which are then evaluated together.

    Args:
        sources: name -> script.
        publisher: who wrote them.

    Raises:
        BlockRejected: one does not keep to the dialect.
        ConfigurationError: an argument is wrong.
    """
    if not _is_mapping(sources) or not 0 < len(sources) <= _MOST_SCRIPTS:
        raise ConfigurationError(f"sources must map 1 to {_MOST_SCRIPTS} names to scripts")
    for name, source in sources.items():
        if not _is_name(name):
            raise ConfigurationError(f"{name!r} is not a name for a script")
        if not _is_text(source):
            raise ConfigurationError(f"{name}: a script is text, not {type(source).__name__}")
    if not _is_text(publisher):
        raise ConfigurationError(f"publisher={publisher!r} is not a name")
    return BlockProgram([check(source, name) for name, source in sources.items()], publisher)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= 200


class BlockProgram:
    """Checked scripts of one publisher. Make one with :func:`~ringfence.blocks.compile` or
    :func:`~ringfence.blocks.compile_all`.

    It keeps the guests that it started, so that the next evaluation finds the scripts loaded; they
    end with :meth:`close`, the end of a ``with`` block, or the program. Several threads may use it:
    they take turns.

    Attributes:
        scripts: name -> script: its parameters, and its ``key``, a hash of its text.
        publisher: who wrote them.
    """

    def __init__(self, scripts: Sequence[Script], publisher: str) -> None:
        self.scripts: dict[str, Script] = {script.name: script for script in scripts}
        self.publisher = publisher
        self._numbers = {name: number for number, name in enumerate(self.scripts)}
        self._engines: dict[Any, list[BlockEngine]] = {}
        self._turn = threading.Lock()
        self._running: list[BlockEngine] = []
        self._closed = self._cancelled = False
        self._finalizer = weakref.finalize(self, _close_all, self._engines)

    def evaluate(
        self,
        parameters: Sequence[Mapping[str, Any]] | Sequence[Instance] | Mapping[str, Any],
        *,
        limits: BlockLimits | None = None,
        engine: BlockEngines = "auto",
        policy: Policy | None = None,
        guests: int = 1,
    ) -> Evaluation:
        """Evaluate instances, each under budgets of its own.

        Args:
            parameters: where the program has one script: the parameters of each instance, as a list
                of mappings (name -> value; what is missing has its default), or as columns (name ->
                a list or NumPy array with a value for each instance), which is quicker. Else a list
                of pairs: the name of a script, and such a mapping.
            limits: what each instance may use.
            engine: an engine's name, or a list to try in order; ``"auto"`` is native, else wasi.
                ``"micro"`` and ``"pocketpy"`` are chosen by their names alone.
            policy: which walls are accepted.
            guests: how many guests share the work.

        Raises:
            ValidationFailed: a parameter has another type than the block declares; nothing was
                evaluated. Names the block, the instance and the line.
            PolicyNotEnforceable: a limit cannot be enforced by this engine.
            BlockRejected: a script holds what the engine's language does not have.
            ConfigurationError: an argument is wrong.
            EngineNotAvailable, EngineFailure: there is no guest to be had.
            SandboxClosed: the program was closed.
        """
        return self.evaluate_linked(
            parameters, limits=limits, engine=engine, policy=policy, guests=guests, linked=False
        )[0]

    def evaluate_linked(
        self,
        parameters: Any,
        *,
        limits: BlockLimits | None,
        engine: BlockEngines,
        policy: Policy | None,
        guests: int,
        linked: bool = True,
    ) -> tuple[Evaluation, bool]:
        """:meth:`evaluate` for models: geometry may be a :class:`Link`, where :meth:`links` says
        so. Gives whether it was cancelled, too: of linked work some may not be evaluated.
        """
        limits = BlockLimits() if limits is None else limits
        if not isinstance(limits, BlockLimits):
            raise ConfigurationError(
                f"limits must be blocks.BlockLimits(…), not {type(limits).__name__}"
            )
        if type(guests) is not int or not 1 <= guests <= _MOST_GUESTS:
            raise ConfigurationError(
                f"guests={guests!r} must be a whole number from 1 to {_MOST_GUESTS}"
            )
        policy = arguments.check_policy(policy)
        work = self._work(parameters, linked)
        guests = 1 if linked else max(1, min(guests, len(work.which)))
        with self._turn:
            if self._closed:
                raise SandboxClosed("this program was closed")
            self._cancelled = False
            engines = self._take(engine, policy, limits, guests)
            self._running = engines
            try:
                chunks = _share(engines, work, limits)
            finally:
                self._running = []
        names = [(script.name, script.line) for script in self.scripts.values()]
        one = engines[0]
        found = Evaluation(names, work.which, chunks, one.name, one.walls, one.enforced)
        return found, any(engine.cancelled for engine in engines)

    def links(
        self, engine: BlockEngines, policy: Policy | None, limits: BlockLimits | None
    ) -> bool:
        """Whether instances may have others of the same evaluation as inputs, on this engine.

        Raises:
            PolicyNotEnforceable, EngineNotAvailable, EngineFailure: see :meth:`evaluate`.
        """
        with self._turn:
            if self._closed:
                raise SandboxClosed("this program was closed")
            policy = arguments.check_policy(policy)
            return self._take(engine, policy, limits or BlockLimits(), 1)[0].links

    def cancel(self) -> bool:
        """End the running evaluation within 50 ms; from any thread. False when none is running.
        What was evaluated stands, the rest is ``cancelled``.
        """
        cancelled = [one.cancel() for one in self._running]  # all of them
        return any(cancelled)

    def close(self) -> None:
        """End the guests. May be called again."""
        self._closed = True
        self.cancel()
        with self._turn:
            self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(
        self, engine: BlockEngines, policy: Policy, limits: BlockLimits, guests: int
    ) -> list[BlockEngine]:
        """The guests for an evaluation: those that are there, and new ones."""
        counts = limits.fuel is not None
        chosen = (
            engine
            if isinstance(engine, str)
            else tuple(engine)
            if isinstance(engine, Sequence)
            else engine
        )
        kept = self._engines.setdefault((chosen, policy, counts), [])
        while len(kept) < guests:
            kept.append(open_engine(list(self.scripts.values()), engine, policy, limits))
        return kept[:guests]

    def _work(self, parameters: Any, linked: bool = False) -> Work:
        import numpy as np

        scripts = list(self.scripts.values())
        if isinstance(parameters, Mapping):
            if len(scripts) > 1:
                raise ConfigurationError(
                    "this program has several scripts; give a list of (name, parameters)"
                )
            lengths = {len(column) for column in parameters.values()}
            if len(lengths) != 1:
                raise ConfigurationError(
                    f"the columns of parameters have different lengths: {sorted(lengths)}"
                    if lengths
                    else "columns of parameters need one at least; [{}] is one instance"
                )
            (count,) = lengths
            _check_count(count)
            return Work(np.zeros(count, np.uint32), [bind_column(scripts[0], parameters, count)])
        if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence):
            raise ConfigurationError(
                "parameters must be a list with a mapping for each instance, or columns"
            )
        _check_count(len(parameters))
        rows: list[list[Mapping[str, Any]]] = [[] for _ in scripts]
        places: list[list[int]] = [[] for _ in scripts]
        which = np.zeros(len(parameters), np.uint32)
        for place, given in enumerate(parameters):
            number, row = 0, given
            if type(given) is tuple and len(given) == 2:
                name, row = given
                if name not in self._numbers:
                    raise ConfigurationError(
                        f"instance {place}: there is no script {name!r} in this program"
                    )
                number = self._numbers[name]
            elif len(scripts) > 1:
                raise ConfigurationError(
                    f"instance {place}: this program has several scripts; give (name, parameters)"
                )
            if not isinstance(row, Mapping):
                raise ConfigurationError(
                    f"instance {place}: parameters are a mapping, not {type(row).__name__}"
                )
            which[place] = number
            rows[number].append(row)
            places[number].append(place)
        columns = [
            bind_rows(script, rows[number], places[number], linked=linked) if rows[number] else []
            for number, script in enumerate(scripts)
        ]
        return Work(which, columns, linked)


def _check_count(count: int) -> None:
    if count > _MOST_INSTANCES:
        raise ConfigurationError(f"{count} instances are more than {_MOST_INSTANCES}")


def _close_all(engines: dict[Any, list[BlockEngine]]) -> None:
    for kept in engines.values():
        for one in kept:
            one.close()
    engines.clear()


def _share(engines: Sequence[BlockEngine], work: Work, limits: BlockLimits) -> list[Chunk]:
    """Evaluate on several guests at once: each has a thread, and consecutive instances."""
    if len(engines) == 1:
        return engines[0].evaluate(work, limits)
    from concurrent.futures import ThreadPoolExecutor

    count = len(work.which)
    stops = [count * (index + 1) // len(engines) for index in range(len(engines))]
    with ThreadPoolExecutor(len(engines)) as threads:
        futures = [
            threads.submit(one.evaluate, work.part(first, stop), limits)
            for one, first, stop in zip(engines, [0, *stops], stops, strict=False)
        ]
        return [chunk for future in futures for chunk in future.result()]
