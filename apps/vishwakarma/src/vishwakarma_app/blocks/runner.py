"""The block instances of an open document, kept evaluated: only what is dirty runs again."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import ringfence
from ringfence import blocks
from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_app.blocks.geometry import boxes_of, pack
from vishwakarma_app.blocks.library import LIBRARY, PUBLISHER, LibraryBlock
from vishwakarma_app.blocks.signatures import (
    Parameter,
    check_script,
    parameters_of,
    plain_values,
    publisher_of,
)
from vishwakarma_app.document import Document, Geometry
from vishwakarma_app.errors import BlockRefused

__all__ = ["CEILING", "LIMITS", "BlockRunner", "Evaluation", "FailedBlock"]

LIMITS = blocks.BlockLimits()
"""What bounds an instance that says nothing about it."""
CEILING = blocks.BlockLimits(steps=50_000_000, recursion=200, primitives=200_000, wall=10)
"""What an instance may ask for: it is a document that says it, and documents are anybody's."""
MOST_RESULTS = 256 << 20

_MANY = 2_000  # from so many on, a second guest is worth its start


@dataclass(frozen=True)
class FailedBlock:
    """An instance that could not be evaluated.

    Attributes:
        element: the id of the block instance.
        name: the block.
        status: ``error`` (the script raised), ``limit`` (it used up what it may), ``cancelled``,
            ``crashed``, or ``rejected`` (its script or parameters are not accepted).
        reason: the limit by its name, or the error: a script's text.
        message: what to tell a person: the block, the line and the reason.
        line: of the script; 0 where none is known.
    """

    element: int
    name: str
    status: str
    reason: str
    message: str
    line: int


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation did.

    Attributes:
        evaluated: ids of the instances whose geometry is new.
        failed: all that fail now, not only the new ones, by id.
    """

    evaluated: tuple[int, ...]
    failed: tuple[FailedBlock, ...]


class BlockRunner:
    """Keeps the block instances of a document evaluated; make one for each open document.

    It notices what changes in the document by itself: edits, undo, redo. Scripts of different
    publishers never share a guest, and guests stay, so that the next evaluation starts at once.
    Like the document it is used by one thread at a time, except for :meth:`cancel`.

    Args:
        document: whose instances.
        engine: one of Ringfence's engines, or ``auto``.
        limits: what bounds an instance that says nothing about it. One that asks for more than
            ``CEILING`` is rejected.
        library: the blocks that can be inserted, for :meth:`parameters`.

    Raises:
        ConfigurationError: a limit or the engine is wrong.
    """

    def __init__(
        self,
        document: Document,
        *,
        engine: str = "auto",
        limits: blocks.BlockLimits | None = None,
        library: Mapping[str, LibraryBlock] = LIBRARY,
    ) -> None:
        self._document = document
        self._engine = engine
        self._library = library
        self._limits = LIMITS if limits is None else limits
        self._cache = blocks.ResultCache(MOST_RESULTS)
        # Damaged results are none: everything can be evaluated again.
        with contextlib.suppress(ringfence.ConfigurationError):
            if document.results:
                self._cache.load(document.results)
        self._programs: dict[str, blocks.BlockProgram] = {}
        self._rejected: dict[str, BlockRefused] = {}
        self._model = blocks.Model([], cache=self._cache)
        self._instances: dict[int, BlockInstance] = {}  # those in the model
        self._users: dict[int, set[int]] = {}
        self._failed: dict[int, FailedBlock] = {}
        self._touched = {one.id for one in document.query(kind="block")}
        self._redefined = True
        self._idle = threading.Event()
        self._idle.set()
        self._unwatch = contextlib.ExitStack()
        self._unwatch.callback(document.watch(self._notice))

    @property
    def failed(self) -> tuple[FailedBlock, ...]:
        """All instances that failed when they were evaluated last, by id."""
        return tuple(self._failed[one] for one in sorted(self._failed))

    @property
    def cached(self) -> tuple[int, int]:
        """How often a result was there already, and how often it was not."""
        return self._cache.hits, self._cache.misses

    def parameters(self, name: str) -> tuple[Parameter, ...]:
        """What a person can set of a block of the document, or of the library.

        Raises:
            BlockRefused: there is no such block, or its script is not accepted.
        """
        if name in self._document.blocks:
            return parameters_of(name, self._document.blocks[name], self._library)
        if name in self._library:
            return parameters_of(name, self._library[name].definition, self._library)
        raise BlockRefused(f"there is no block {name[:40]!r}", name)

    def evaluate(self) -> Evaluation:
        """Evaluate what is dirty, and keep its geometry in the document. What fails has none.

        Raises:
            RingfenceError: there is no guest to be had, or an engine cannot hold a limit.
        """
        self._idle.clear()
        try:
            if self._redefined:
                self._redefine()
            self._update()
            dirty = len(self._model.dirty)
            guests = 2 if dirty >= _MANY else 1
            results = self._model.evaluate(limits=self._limits, engine=self._engine, guests=guests)
            return Evaluation(self._keep(results), self.failed)
        finally:
            self._idle.set()

    def cancel(self) -> bool:
        """End the running evaluation, from any thread; False when none is running. What was
        evaluated stands, and the rest is evaluated the next time.
        """
        if self._idle.is_set():
            return False
        while not self._idle.wait(0.01):
            self._model.cancel()
        return True

    def keep_results(self) -> None:
        """Give the document what was evaluated, to be saved with it: see
        :meth:`Document.keep_results`. To be called before it is saved; never necessary.
        """
        self._document.keep_results(self._cache.save())

    def close(self) -> None:
        """End the guests. May be called again."""
        self.cancel()
        self._unwatch.close()
        for program in self._programs.values():
            program.close()
        self._programs.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what changed

    def _notice(self, what: str, key: object) -> None:
        if what == "element":
            assert isinstance(key, int)
            self._touched.add(key)
        elif what == "block":
            self._redefined = True

    def _redefine(self) -> None:
        """Make the programs those of the document's definitions; a new model if one changed."""
        sources: dict[str, dict[str, str]] = {}
        self._rejected.clear()
        for name, definition in self._document.blocks.items():
            try:
                check_script(name, definition.source)
            except BlockRefused as error:
                self._rejected[name] = error
                continue
            publisher = publisher_of(name, definition)
            sources.setdefault(publisher, {})[name] = definition.source
        if PUBLISHER in sources:  # all of it at once: inserting the next one starts no new guest
            for name, shipped in LIBRARY.items():
                if name not in self._document.blocks:
                    sources[PUBLISHER][name] = shipped.source
        for publisher in {*self._programs, *sources}:
            program = self._programs.get(publisher)
            wanted = sources.get(publisher, {})
            if program is not None:
                have = {name: one.source for name, one in program.scripts.items()}
                if have == wanted:
                    continue
                self._programs.pop(publisher).close()
            if wanted:
                self._programs[publisher] = blocks.compile_all(wanted, publisher=publisher)
        self._model = blocks.Model(list(self._programs.values()), cache=self._cache)
        self._instances.clear()
        self._users.clear()
        self._failed.clear()
        self._touched = {one.id for one in self._document.query(kind="block")}
        self._redefined = False

    def _update(self) -> None:
        """Bring the model to what the document says."""
        waiting = self._touched | {
            one for one, failed in self._failed.items() if failed.status == "rejected"
        }
        self._touched = set()
        while waiting:
            again: set[int] = set()
            for one in self._ordered(waiting):
                again |= self._settle(one)
            waiting = again

    def _ordered(self, touched: set[int]) -> list[int]:
        """The touched ones, each after all that it depends on."""
        order: list[int] = []
        seen: set[int] = set()
        for start in sorted(touched):
            stack = [(start, False)]
            while stack:
                one, done = stack.pop()
                if done:
                    order.append(one)
                elif one not in seen:
                    seen.add(one)
                    stack.append((one, True))
                    shape = self._shape(one)
                    if shape is not None:
                        stack += [(other, False) for other in shape.refers_to()]
        return [one for one in order if one in touched]

    def _shape(self, one: int) -> BlockInstance | None:
        shape = self._document[one].shape if one in self._document else None
        return shape if isinstance(shape, BlockInstance) else None

    def _settle(self, one: int) -> set[int]:
        """Bring one instance into the model, or out of it; which others that concerns."""
        shape, before = self._shape(one), self._instances.get(one)
        if shape is None:
            self._failed.pop(one, None)
            return self._take_out(one)
        if before is not None and _drawn_alike(before, shape):
            self._instances[one] = shape
            return set()
        try:
            self._set(one, shape)
        except BlockRefused as error:
            concerned = self._take_out(one)
            message = f"{error} (element {one})"
            self._fail(one, shape.block, "rejected", str(error), message, error.line)
            return concerned
        for other in before.refers_to() if before is not None else ():
            self._users[other].discard(one)
        for other in shape.refers_to():
            self._users.setdefault(other, set()).add(one)
        self._instances[one] = shape
        self._failed.pop(one, None)
        return set()

    def _set(self, one: int, shape: BlockInstance) -> None:
        name = shape.block
        definition = self._document.blocks.get(name)
        if definition is None:
            raise BlockRefused(f"{name}: there is no such block in this document", name)
        if name in self._rejected:
            raise self._rejected[name]
        inputs = dict(shape.inputs)
        values = plain_values(
            name, check_script(name, definition.source), dict(shape.parameters), inputs
        )
        for parameter, other in inputs.items():
            if other not in self._instances:
                raise BlockRefused(f"{name}: its input {parameter}, element {other}, failed", name)
        try:
            self._model.set(
                str(one),
                name,
                values,
                inputs={parameter: str(other) for parameter, other in inputs.items()},
                limits=self._limits_of(shape),
            )
        except (ringfence.ConfigurationError, ringfence.ValidationFailed) as error:
            raise BlockRefused(f"{name}: {error}", name) from None

    def _limits_of(self, shape: BlockInstance) -> blocks.BlockLimits | None:
        if not shape.limits:
            return None
        given = dict(shape.limits)
        for limit, wanted in given.items():
            most = getattr(CEILING, limit)
            if wanted > most:
                message = f"{shape.block}: it asks for {limit}={wanted:g}; {most:g} is the most"
                raise BlockRefused(message, shape.block)
        # Names and values were checked when the instance was made: shapes.BlockInstance.
        return dataclasses.replace(self._limits, **given)  # type: ignore[arg-type]

    def _take_out(self, one: int) -> set[int]:
        """Take an instance and all that depends on it out of the model; who these are."""
        if one not in self._instances:
            return set()
        found: list[int] = []  # each after all that depend on it
        seen: set[int] = set()
        stack = [(one, False)]
        while stack:
            current, done = stack.pop()
            if done:
                found.append(current)
            elif current not in seen:
                seen.add(current)
                stack.append((current, True))
                stack += [(user, False) for user in self._users.get(current, ())]
        for current in found:
            self._model.remove(str(current))
            self._users.pop(current, None)
            for other in self._instances.pop(current).refers_to():
                if other in self._users:
                    self._users[other].discard(current)
        return seen - {one}

    # -- what came of it

    def _keep(self, results: dict[str, blocks.BlockResult]) -> tuple[int, ...]:
        done = {int(name): result for name, result in results.items() if result.ok}
        new: list[int] = []
        boxes = boxes_of([(one.geometry, one.texts) for one in done.values()])
        for (one, result), box in zip(done.items(), boxes, strict=True):
            self._failed.pop(one, None)
            data = pack(result.geometry, result.texts)
            before = self._document.geometry(one)
            if before is None or before.data != data:
                new.append(one)
                self._document.keep_geometry(one, Geometry(data, box))
        for name, result in results.items():
            if not result.ok:
                one = int(name)
                reason = self._explained(one, result)
                message = f"{result.block}, line {result.line}: {reason} (element {one})"
                self._fail(one, result.block, result.status, result.reason, message, result.line)
        return tuple(sorted(new))

    def _fail(self, one: int, name: str, status: str, reason: str, message: str, line: int) -> None:
        self._failed[one] = FailedBlock(one, name, status, reason, message, line)
        self._document.keep_geometry(one, None)

    def _explained(self, one: int, result: blocks.BlockResult) -> str:
        if result.status == "crashed":
            return "its sandbox died while it ran"
        if result.status != "limit":
            return result.reason
        limits = self._limits_of(self._instances[one]) or self._limits
        return {
            "steps": f"it took more than {limits.steps} steps",
            "recursion": f"its functions call each other more than {limits.recursion} deep",
            "primitives": f"it drew more than {limits.primitives} primitives",
            "wall": f"it took longer than {limits.wall} seconds",
        }.get(result.reason, f"it used up its {result.reason}")


def _drawn_alike(one: BlockInstance, other: BlockInstance) -> bool:
    """Whether they look the same, wherever they stand."""
    return one is other or (
        one.block == other.block
        and one.parameters == other.parameters
        and one.inputs == other.inputs
        and one.limits == other.limits
    )
