"""Block scripts in guests that are CPython: the instrumented source, evaluated in rounds.

Where a guest shares memory with the host, a round is as many instances as there is room for, and
the counter in that memory shows which of them runs: one that stalls is stopped with its guest, and
the others go on in a fresh one. Elsewhere a round has the time of a single instance; one that takes
longer is taken apart until the instance is found. With ``fuel`` each instance is a turn of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.blocks.collecting import collect, counter_of, nothing_of, read_told
from ringfence.blocks.dialect import Script
from ringfence.blocks.instrument import instrument
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.pieces import Checked, Piece, Pieces
from ringfence.blocks.port import Chunk, Failure, Link, Work
from ringfence.errors import ConfigurationError, PolicyNotEnforceable
from ringfence.model import Limits, Policy, Result
from ringfence.runtime.filling import Filled, FillingGuest
from ringfence.runtime.recipe import Recipe
from ringfence.runtime.source import Engines
from ringfence_guest.protocol.geometry import RECORD_SIZE, Layout, Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["GuestBlocks"]

_PROGRAM = """
from ringfence_guest.blocks import BlockEvaluator
_blocks = BlockEvaluator()
evaluate = _blocks.evaluate
def load(memory, *scripts): return _blocks.load(scripts), 0
"""
_LONG = 300 * 86_400.0
_MOST_SOURCE = 16 << 20
_MOST_INSTANCES = 8_192  # of a round in shared memory
_SHARED_ROOM = (16 << 20) // RECORD_SIZE
_OWN_ROOM = (2 << 20) // RECORD_SIZE
_MOST_GUESSED = 1_024  # instances of a round whose time is that of one
_MOST_SPARES = 64
_BETWEEN = 0.001  # seconds
_VERDICTS = {
    "each": Verdict.WALL, "wall": Verdict.WALL, "cpu": Verdict.WALL, "fuel": Verdict.FUEL,
    "memory": Verdict.MEMORY,
}  # fmt: skip
_TOO_MANY = Failure("Ended", f"{_MOST_SPARES} guests of this evaluation had to be ended")
_NO_ANSWER = Failure("BadAnswer", "the guest answered something that is no answer")
_UNSOUND = Failure("InvalidGeometry", "the guest wrote records that are not geometry")


class _Taken(NamedTuple):
    """A chunk that is being checked, and what it was evaluated from; None if that is settled."""

    part: Work | None
    checked: Checked

    @staticmethod
    def of(chunk: Chunk) -> _Taken:
        """One that is settled."""
        return _Taken(None, Checked.of(chunk))


class GuestBlocks:
    """Scripts of one publisher in a guest of their own.

    Args:
        scripts: the scripts.
        engine: the engine, or several to try in order.
        policy: which walls are accepted.
        fuel: whether instructions are counted.

    Raises:
        ConfigurationError: the scripts are too much.
        EngineNotAvailable, PolicyNotEnforceable, EngineFailure: there is no guest to be had.
    """

    def __init__(
        self, scripts: Sequence[Script], engine: Engines, policy: Policy | None, *, fuel: bool
    ) -> None:
        self._scripts = [list(instrument(script)) for script in scripts]
        self._kinds = [[one.type for one in script.parameters] for script in scripts]
        size = sum(len(script.source) for script in scripts)
        if size > _MOST_SOURCE:
            raise ConfigurationError(
                f"the scripts of this program have {size} characters; at most {_MOST_SOURCE} go "
                "into one program"
            )
        self._limits = Limits(
            wall=_LONG, cpu=_LONG, calls=0, threads=0, disk=0, value=128 << 20,
            fuel=1 << 50 if fuel else None,
        )  # fmt: skip
        self._counts = fuel
        self._cancelled = False
        self._spares = 0
        self._thread = 0
        self._idle = threading.Event()
        self._idle.set()
        self._pieces = Pieces()
        recipe = Recipe(
            engine, self._limits, policy, (), None, (), None, None, None, None, None
        )  # fmt: skip
        self._guest = FillingGuest(_PROGRAM, recipe)
        try:
            self._result = self._load()
        except BaseException:
            self._guest.close()
            raise

    def _load(self) -> Result:
        """Give the scripts to a fresh guest."""
        self._pieces.renew()
        limits = self._limits.replace(wall=60.0)
        result = self._guest.fill("load", self._scripts, 64, limits).result
        return result.raise_for_status()

    @property
    def name(self) -> str:
        return self._result.engine

    @property
    def walls(self) -> frozenset[str]:
        return self._result.walls

    @property
    def enforced(self) -> Mapping[str, str]:
        own = dict(self._result.enforced)
        guest = {f"guest {name}": own.pop(name) for name in ("memory", "cpu") if name in own}
        for name in ("wall", "fuel", "steps"):
            own.pop(name, None)
        shared = self._guest.shares_memory and not self._counts
        return {
            **own,
            **guest,
            "steps": "ticks: Python level only",
            "recursion": "frames counted by what the compiler writes into scripts",
            "primitives": "counted in the guest; the host gives no room for more",
            "wall": (
                "progress word in shared memory; the guest is killed"
                if shared
                else "a turn has the time of one instance"
            ),
            **({"fuel": "a turn for each instance"} if self._counts else {}),
        }

    @property
    def links(self) -> bool:
        return self._guest.shares_memory and not self._counts

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def evaluate(self, work: Work, limits: BlockLimits) -> list[Chunk]:
        self.check_limits(limits)
        self._cancelled = False
        self._spares = 0
        self._thread = threading.get_ident()
        self._idle.clear()
        try:
            return self._evaluate(work, limits, precise=False)
        finally:
            self._idle.set()

    @staticmethod
    def check_limits(limits: BlockLimits) -> None:
        """Refuse what no such guest can hold, before one is started.

        Raises:
            PolicyNotEnforceable: there is such a limit.
        """
        if limits.memory is not None:
            raise PolicyNotEnforceable(
                f"memory={limits.memory} for each instance: a guest that is CPython does not count "
                "what one call allocates; all of it together is bounded by the guest's memory"
            )

    def cancel(self) -> bool:
        if self._idle.is_set():
            return False
        self._cancelled = True
        own = threading.get_ident() == self._thread  # a signal handler cannot wait for itself
        while not self._guest.cancel() and not own:  # it begins a turn, or ends
            if self._idle.wait(_BETWEEN):
                break
        return True

    def close(self) -> None:
        self._guest.close()
        self._pieces.close()

    # --- rounds ------------------------------------------------------------------------------

    def _evaluate(self, work: Work, limits: BlockLimits, *, precise: bool) -> list[Chunk]:
        if work.linked:
            return self._evaluate_linked(work, limits)
        if self._guest.shares_memory and not self._counts:
            return self._evaluate_shared(work, limits, precise=precise)
        return self._evaluate_guessing(work, limits, precise=precise)

    def _evaluate_shared(self, work: Work, limits: BlockLimits, *, precise: bool) -> list[Chunk]:
        """Rounds in memory that the guest shares; while it fills one piece, another is checked."""
        count = len(work.which)
        taken: list[_Taken] = []
        first = 0
        while first < count and not self._given_up:
            part = work.part(first, min(first + _MOST_INSTANCES, count))
            layout = Layout(len(part.which), max(limits.primitives, _SHARED_ROOM))
            piece = self._pieces.next(layout)
            filled = self._round(part, layout, limits, precise=precise, piece=piece)
            result = filled.result
            told = read_told(filled.value, layout.count) if result.ok else None
            if told is not None:
                first += told.done
                last = first >= count
                taken.append(_Taken(part, piece.check(filled.data, layout, told, now=last)))
                continue
            self._spares += 1
            if result.ok:
                taken.append(_Taken.of(self._disown(layout.count)))
                first += layout.count
                continue
            if result.status == "cancelled":
                self._cancelled = True
            # What came before the instance in which it ended, as far as it can be taken; then those
            # that cannot, in a fresh guest; then the verdict on it.
            at = counter_of(filled.data, layout.count)
            early = piece.check(filled.data, layout, None, at=at, now=True)
            taken.append(_Taken(part, early))
            first, stop = first + early.size, min(first + at, count - 1)
            if self._cancelled:
                break
            if first < stop:
                rest = self._evaluate_shared(work.part(first, stop), limits, precise=precise)
                taken += [_Taken.of(chunk) for chunk in rest]
            taken.append(_Taken.of(_blame(result)))
            first = stop + 1
        chunks = [self._settle(one, limits, precise=precise) for one in taken]
        return chunks + self._left_out(count - first)

    def _evaluate_linked(self, work: Work, limits: BlockLimits) -> list[Chunk]:
        """One round, in which the guest gives instances what others have drawn. As far as all is
        well: nobody can say in this way what became of the others.
        """
        count = len(work.which)
        layout = Layout(count, max(limits.primitives, _SHARED_ROOM))
        piece = self._pieces.next(layout)
        filled = self._round(work, layout, limits, precise=False, piece=piece)
        result = filled.result
        told = read_told(filled.value, count) if result.ok else None
        if told is None:
            if result.status == "cancelled":
                self._cancelled = True
            elif result.ok:
                self._guest.discard()
            self._spares += 1
            return [nothing_of(count)]
        chunk, unsound = piece.check(filled.data, layout, told, now=True).result()
        verdicts = chunk.verdicts.copy()
        verdicts[unsound] = Verdict.NOT_RUN
        rest = [nothing_of(count - told.done)] if told.done < count else []
        return [replace(chunk, verdicts=verdicts), *rest]

    def _evaluate_guessing(self, work: Work, limits: BlockLimits, *, precise: bool) -> list[Chunk]:
        """Rounds that have the time of one instance; one that takes longer is taken apart."""
        count = len(work.which)
        size = 1 if self._counts else 64
        chunks: list[Chunk] = []
        first = 0
        while first < count and not self._given_up:
            part = work.part(first, min(first + size, count))
            # Memory for records is set aside by the guest, at an instruction for each byte.
            room = limits.primitives if self._counts else max(limits.primitives, _OWN_ROOM)
            layout = Layout(len(part.which), room)
            filled = self._round(part, layout, limits, precise=precise, piece=None)
            result = filled.result
            told = read_told(filled.value, layout.count) if result.ok else None
            if told is not None:
                chunk, unsound = collect(filled.data, layout, told, told.done)
                chunks.append(self._again(part, limits, chunk, unsound, precise=precise))
                first += told.done
                size = size if self._counts else min(2 * size, _MOST_GUESSED)
            elif result.status == "cancelled":
                self._cancelled = True
            elif result.ok:
                self._spares += 1
                chunks.append(self._disown(layout.count))
                first += layout.count
            elif len(part.which) > 1:
                size = max(1, len(part.which) // 8)
            else:
                self._spares += not result.alive
                chunks.append(_blame(result))
                first += 1
        return chunks + self._left_out(count - first)

    @property
    def _given_up(self) -> bool:
        return self._cancelled or self._spares > _MOST_SPARES

    def _disown(self, count: int) -> Chunk:
        """End a guest whose answer is none, and believe nothing of the round."""
        self._guest.discard()
        return nothing_of(count, Verdict.CRASHED, _NO_ANSWER)

    def _left_out(self, count: int) -> list[Chunk]:
        """Those that were not evaluated."""
        why = None if self._cancelled else _TOO_MANY
        return [nothing_of(count, why=why)] if count > 0 else []

    def _round(
        self, part: Work, layout: Layout, limits: BlockLimits, *, precise: bool, piece: Piece | None
    ) -> Filled:
        if self._guest.fresh():
            self._load()
        wall = float(limits.wall)  # type: ignore[arg-type]
        columns = [
            [_pack(column, kind) for column, kind in zip(columns, kinds, strict=True)]
            if columns  # none, where the script has no instance here
            else []
            for columns, kinds in zip(part.columns, self._kinds, strict=True)
        ]
        budget = [limits.steps, limits.recursion, limits.primitives]
        which = part.which.astype("<u4").tobytes()
        turn = wall if piece is None else min(_LONG, 60.0 + 2 * wall * layout.count)
        return self._guest.fill(
            "evaluate",
            [which, columns, layout.room, budget, precise],
            layout.size,
            self._limits.replace(wall=turn, cpu=_LONG, fuel=limits.fuel),
            output=None if piece is None else piece.arena,
            each=None if piece is None else wall,
        )

    def _settle(self, taken: _Taken, limits: BlockLimits, *, precise: bool) -> Chunk:
        chunk, unsound = taken.checked.result()
        if taken.part is None:
            return chunk
        return self._again(taken.part, limits, chunk, unsound, precise=precise)

    def _again(
        self,
        part: Work,
        limits: BlockLimits,
        chunk: Chunk,
        places: np.ndarray[Any, Any],
        *,
        precise: bool,
    ) -> Chunk:
        """Evaluate those whose geometry is not sound once more, to know where; a guest that then
        finds nothing wrong, and writes the same, is lying.
        """
        if not len(places):
            return chunk
        verdicts, lines = chunk.verdicts.copy(), chunk.lines.copy()
        failures = dict(chunk.failures)
        verdicts[places] = Verdict.ERROR
        failures |= dict.fromkeys(map(int, places), _UNSOUND)
        if not precise:
            done = 0
            for found in self._evaluate(part.select(places), limits, precise=True):
                for index, verdict in enumerate(found.verdicts.tolist()):
                    place = int(places[done + index])
                    if verdict not in (Verdict.OK, Verdict.NOT_RUN):
                        verdicts[place], lines[place] = verdict, found.lines[index]
                        failures[place] = found.failures.get(index, _UNSOUND)
                done += len(found.verdicts)
        return replace(chunk, verdicts=verdicts, lines=lines, failures=failures)


def _pack(column: Any, kind: str) -> Any:
    """A column as it travels: numbers as bytes, for a guest may have no NumPy."""
    if kind == "geometry":
        return ("g", [one.place if type(one) is Link else one for one in column])
    if not hasattr(column, "dtype"):
        return column
    return ("d" if column.dtype.kind == "f" else "q", column.tobytes())


def _blame(result: Result) -> Chunk:
    """The verdict on the instance in which a turn ended."""
    error = result.error
    why = Failure(error.type, error.message) if error is not None else Failure("Ended", "")
    if result.limit is not None:
        return nothing_of(1, _VERDICTS.get(result.limit, Verdict.ERROR), why)
    verdict = Verdict.CRASHED if result.status in ("crashed", "ok") else Verdict.ERROR
    return nothing_of(1, verdict, why)
