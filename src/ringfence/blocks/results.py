"""What came of instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

from ringfence.blocks.port import Chunk
from ringfence_guest.protocol.geometry import Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BlockResult", "BlockStatus", "Evaluation", "make_ok"]

BlockStatus = Literal["ok", "error", "limit", "crashed", "cancelled"]

_STATUSES: Mapping[int, BlockStatus] = {
    Verdict.NOT_RUN: "cancelled", Verdict.OK: "ok", Verdict.ERROR: "error",
    Verdict.CRASHED: "crashed",
}  # fmt: skip


@dataclass(frozen=True)
class BlockResult:
    """What came of one instance.

    Attributes:
        block: the script's name.
        status: ``ok``; ``error`` (the script raised, or drew what is no geometry); ``limit`` (it
            used up what it may); ``crashed`` (its guest died in it); ``cancelled`` (it was not
            evaluated).
        reason: empty when ``ok``; the limit by its name; or type and message of the error, which
            are guest text.
        line: of the script, where it failed; the line of the block's function where the place is
            not known; 0 when ``ok``.
        geometry: its records, a view of dtype :func:`~ringfence.blocks.record_dtype`; none unless
            ``ok``.
        texts: the strings: a record of kind ``TEXT`` has the place of its own in ``data[4]``.
    """

    block: str
    status: BlockStatus
    reason: str
    line: int
    geometry: np.ndarray[Any, Any] = field(repr=False, compare=False)
    texts: Sequence[str] = field(default=(), repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether ``status`` is ``ok``."""
        return self.status == "ok"

    def __str__(self) -> str:
        return self.block if self.ok else f"{self.block}, line {self.line}: {self.reason}"


def make_ok(block: str, geometry: np.ndarray[Any, Any], texts: Sequence[str]) -> BlockResult:
    """A result that was kept."""
    return BlockResult(block, "ok", "", 0, geometry, texts)


class Evaluation(Sequence[BlockResult]):
    """The results of an evaluation, in the order of the instances. They are made when asked for.

    Attributes:
        verdicts: a :class:`~ringfence.blocks.Verdict` for each instance, uint8.
        engine: the engine that ran.
        walls: the walls that stood.
        enforced: limit or grant -> the mechanism that enforced it for each instance.
    """

    def __init__(
        self,
        names: Sequence[tuple[str, int]],
        which: np.ndarray[Any, Any],
        chunks: Sequence[Chunk],
        engine: str,
        walls: frozenset[str],
        enforced: Mapping[str, str],
    ) -> None:
        import numpy as np

        self._names, self._which, self._chunks = names, which, chunks
        self._starts = np.cumsum([0, *(len(chunk.verdicts) for chunk in chunks)])
        nothing = [np.empty(0, np.uint8)]
        self.verdicts = np.concatenate([chunk.verdicts for chunk in chunks] or nothing)
        self.engine, self.walls, self.enforced = engine, walls, enforced

    @property
    def ok(self) -> bool:
        """Whether every instance is ``ok``."""
        return bool((self.verdicts == Verdict.OK).all())

    @property
    def primitives(self) -> int:
        """How many records there are in all."""
        return sum(len(chunk.records) for chunk in self._chunks)

    def failed(self) -> Iterator[tuple[int, BlockResult]]:
        """The instances that are not ``ok``, with their places."""
        import numpy as np

        for place in np.flatnonzero(self.verdicts != Verdict.OK).tolist():
            yield place, self[place]

    def __len__(self) -> int:
        return len(self.verdicts)

    @overload
    def __getitem__(self, index: int) -> BlockResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[BlockResult]: ...
    def __getitem__(self, index: int | slice) -> BlockResult | list[BlockResult]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        number = int(self._starts.searchsorted(place, side="right")) - 1
        chunk, within = self._chunks[number], place - int(self._starts[number])
        start = int(chunk.ends[within - 1]) if within else 0
        end, verdict = int(chunk.ends[within]), int(chunk.verdicts[within])
        return self._make(chunk, within, int(self._which[place]), verdict, start, end)

    def __iter__(self) -> Iterator[BlockResult]:
        """All of them, quicker than one by one."""
        place = 0
        which = self._which.tolist()
        for chunk in self._chunks:
            start = 0
            pairs = zip(chunk.verdicts.tolist(), chunk.ends.tolist(), strict=True)
            for within, (verdict, end) in enumerate(pairs):
                yield self._make(chunk, within, which[place], verdict, start, end)
                start = end
                place += 1

    def _make(
        self, chunk: Chunk, within: int, script: int, verdict: int, start: int, end: int
    ) -> BlockResult:
        block, line = self._names[script]
        if verdict == Verdict.OK:
            return BlockResult(block, "ok", "", 0, chunk.records[start:end], chunk.texts)
        failure = chunk.failures.get(within)
        status = _STATUSES.get(verdict, "limit")
        if status == "limit":
            reason = Verdict(verdict).name.lower()
        elif failure is not None:
            reason = f"{failure.kind}: {failure.message}" if failure.message else failure.kind
        else:
            reason = "cancelled" if verdict == Verdict.NOT_RUN else "(the reason was not kept)"
        nothing = chunk.records[:0]
        return BlockResult(block, status, reason, int(chunk.lines[within]) or line, nothing)
