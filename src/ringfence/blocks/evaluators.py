"""Block scripts on engines that evaluate: a prelude, the translated scripts, and their calls.

What such an engine is asked for is what its port has for anybody: scripts that return how many
records they have left, and a budget for each call. It knows nothing of blocks.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ringfence.blocks.dialect import Script
from ringfence.blocks.left_records import read_records
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.port import Chunk, Failure, Work
from ringfence.blocks.prelude import TEXT_RECORDS, write_prelude
from ringfence.blocks.translate import ENTRY, Language, Translated, translate
from ringfence.engine import Cancel, EvaluatorCapabilities, EvaluatorEngine, Program
from ringfence.errors import BlockRejected, Finding, GuestFailure, PolicyNotEnforceable
from ringfence.model import Policy
from ringfence.model.evaluation import (
    BatchOutcomes,
    Budget,
    Calls,
    CallStatus,
    GuestErrorInfo,
)
from ringfence.model.evaluation import Script as EvaluatedScript
from ringfence.model.policy import describe_walls
from ringfence_guest.protocol.geometry import RECORD_SIZE, Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["EvaluatorBlocks"]

_MOST_INSTANCES: Final = 4_096  # of one batch
_MOST_PROGRAMS: Final = 4
_MEMORY: Final = 8 << 20
_GUEST_MEMORY: Final = 256 << 20
_NEEDED: Final = ("records", "wall")
_OF_LIMIT: Final = {
    "fuel": Verdict.FUEL, "recursion": Verdict.RECURSION, "memory": Verdict.MEMORY,
    "wall": Verdict.WALL, "records": Verdict.PRIMITIVES,
}  # fmt: skip
_OF_STATUS: Final = {
    CallStatus.OK: Verdict.OK, CallStatus.ERROR: Verdict.ERROR, CallStatus.LIMIT: Verdict.ERROR,
    CallStatus.CRASHED: Verdict.CRASHED,
}  # fmt: skip
_OUT_OF_BUDGET: Final = {
    "steps": Verdict.STEPS, "recursion": Verdict.RECURSION, "primitives": Verdict.PRIMITIVES,
}  # fmt: skip
_UNSOUND = Failure("InvalidGeometry", "the guest wrote records that are not geometry")


class _Key(NamedTuple):
    """What a program is made for."""

    steps: int
    recursion: int
    primitives: int
    memory: int | None


class EvaluatorBlocks:
    """Scripts of one publisher in programs of an evaluator, one for each set of limits.

    Args:
        scripts: the scripts.
        engine: what evaluates.
        policy: which walls are accepted.

    Raises:
        BlockRejected: a script holds what the engine's language does not have.
        PolicyNotEnforceable: the engine has other walls, or cannot evaluate blocks.
    """

    def __init__(self, scripts: Sequence[Script], engine: EvaluatorEngine, policy: Policy) -> None:
        can = engine.capabilities
        _refuse_engine(engine, policy)
        self._engine, self._can = engine, can
        language = Language(can.integers, can.generator_expressions, can.arguments)
        self._scripts = list(scripts)
        self._translated = [translate(script, language, engine.name) for script in scripts]
        self._programs: OrderedDict[_Key, Program] = OrderedDict()
        self._cancel: Cancel | None = None
        self._lock = threading.Lock()
        self._cancelled = False
        self._limits = BlockLimits()

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def walls(self) -> frozenset[str]:
        return self._can.walls

    @property
    def links(self) -> bool:
        return False

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def enforced(self) -> Mapping[str, str]:
        held = dict(self._can.enforced)
        records = held.pop("records", "the engine")
        if self._limits.fuel is None:
            held.pop("fuel", None)
        if self._limits.memory is None and "memory" in held:
            held["guest memory"] = held.pop("memory")
        return {
            **held,
            "steps": "ticks: Python level only",
            "recursion": "frames counted by what the compiler writes into scripts",
            "primitives": f"counted in the guest; there is no room for more: {records}",
        }

    @staticmethod
    def check_limits(engine: EvaluatorEngine, limits: BlockLimits) -> None:
        """Refuse what the engine cannot hold, before anything is started.

        Raises:
            PolicyNotEnforceable: there is such a limit.
        """
        can = engine.capabilities
        if limits.fuel is not None and "fuel" not in can.budgets:
            raise PolicyNotEnforceable(
                f"{engine.name}: fuel={limits.fuel} cannot be enforced: it counts no instructions; "
                "use steps and wall"
            )
        if limits.memory is not None and "memory" not in can.budgets - can.of_guest:
            raise PolicyNotEnforceable(
                f"{engine.name}: memory={limits.memory} for each instance cannot be enforced: all "
                "of it together is bounded by the guest's memory"
            )

    def evaluate(self, work: Work, limits: BlockLimits) -> list[Chunk]:
        self.check_limits(self._engine, limits)
        with self._lock:
            self._cancel = cancel = Cancel()
        self._cancelled = False
        self._limits = limits
        try:
            program = self._program(limits)
            count = len(work.which)
            chunks = []
            for first in range(0, count, _MOST_INSTANCES):
                part = work.part(first, min(first + _MOST_INSTANCES, count))
                chunks.append(self._evaluate(program, part, limits, cancel))
            return chunks
        finally:
            self._cancelled = cancel.is_set
            with self._lock:
                self._cancel = None

    def cancel(self) -> bool:
        with self._lock:
            cancel = self._cancel
        if cancel is None:
            return False
        cancel.set()
        return True

    def close(self) -> None:
        while self._programs:
            self._programs.popitem()[1].close()

    # --- programs --------------------------------------------------------------------------

    def _program(self, limits: BlockLimits) -> Program:
        memory = None if limits.memory is None else int(limits.memory)
        key = _Key(limits.steps, limits.recursion, limits.primitives, memory)
        program = self._programs.get(key)
        if program is not None:
            self._programs.move_to_end(key)
            return program
        while len(self._programs) >= _MOST_PROGRAMS:
            self._programs.popitem(last=False)[1].close()
        prelude = write_prelude(*key[:3], self._can.integers)
        scripts = [
            EvaluatedScript(source=one.source, entry=ENTRY, name=_name_of(number))
            for number, one in enumerate(self._translated)
        ]
        budget = self._budget(limits, wall=60.0, fuel=None)
        try:
            program = self._engine.compile(scripts, prelude=prelude, budget=budget)
        except GuestFailure as error:
            if memory is None:
                raise
            raise self._too_little(limits) from error
        self._refuse_syntax(program)
        if memory is not None and any(
            info.type in ("MemoryError", "memory") for info in program.failed.values()
        ):
            program.close()
            raise self._too_little(limits)
        self._programs[key] = program
        return program

    def _too_little(self, limits: BlockLimits) -> PolicyNotEnforceable:
        return PolicyNotEnforceable(
            f"{self.name}: memory={limits.memory} is less than the scripts of this program take: "
            "on this engine it is that of the program and of the instance together"
        )

    def _refuse_syntax(self, program: Program) -> None:
        """Refuse scripts that the engine's language cannot even read.

        Raises:
            BlockRejected: there is one.
        """
        for number, info in program.failed.items():
            if info.type in ("SyntaxError", "IndentationError"):
                program.close()
                finding = Finding(
                    self._line(number, info) or self._scripts[number].line, 1,
                    f"{self.name} cannot read this: {info.message}", "write it in plainer words",
                )  # fmt: skip
                raise BlockRejected(self._scripts[number].name, (finding,))

    def _budget(self, limits: BlockLimits, *, wall: float, fuel: int | None) -> Budget:
        own = _GUEST_MEMORY if "memory" in self._can.of_guest else _MEMORY
        return Budget(
            fuel=fuel,
            recursion=None,
            memory=own if limits.memory is None else limits.memory,
            wall=wall,
            output=0 if "output" in self._can.budgets else 64 << 10,
            records=(limits.primitives + TEXT_RECORDS) * RECORD_SIZE,
        )

    # --- a batch ---------------------------------------------------------------------------

    def _evaluate(self, program: Program, work: Work, limits: BlockLimits, cancel: Cancel) -> Chunk:
        """Instances, those of one script together."""
        import numpy as np

        budget = self._budget(limits, wall=float(limits.wall), fuel=limits.fuel)  # type: ignore[arg-type]
        order = np.argsort(work.which, kind="stable")
        calls: list[Calls] = []
        refused: dict[int, Failure] = {}
        kept: list[np.ndarray[Any, Any]] = []
        first = 0
        for number, columns in enumerate(work.columns):
            count = int((work.which == number).sum())
            if not count:
                continue
            places = order[first : first + count]
            first += count
            given, lost = self._pack(self._translated[number], columns, count)
            refused |= {int(places[index]): why for index, why in lost.items()}
            stays = np.setdiff1d(np.arange(count), list(lost))
            kept.append(places[stays])
            calls.append(Calls(script=number, columns=given, count=len(stays)))
        # Nothing stays of an instance, but for garbage, whose collection takes fuel.
        outcomes = program.evaluate(
            calls,
            budget,
            record=RECORD_SIZE,
            state="kept" if limits.fuel is None else "loaded",
            cancel=cancel,
        )
        places = np.concatenate(kept) if kept else np.empty(0, np.intp)
        return self._chunk(work, outcomes, places, refused)

    def _pack(
        self, translated: Translated, columns: Sequence[Any], count: int
    ) -> tuple[list[Any], dict[int, Failure]]:
        """Columns as they cross, and the instances whose arguments do not."""
        import numpy as np

        if translated.numeric:
            return [
                np.array(column, np.int64) if isinstance(column, list) else column
                for column in columns
            ], {}
        plain = [
            column.tolist() if isinstance(column, np.ndarray) else column for column in columns
        ]
        rows: list[Any] = []
        lost: dict[int, Failure] = {}
        for index, row in enumerate(zip(*plain, strict=True)):
            items = [_listed(item) for item in row]
            why = self._crosses(items)
            if why is not None:
                lost[index] = why
            else:
                rows.append(items)
        return [rows], lost

    def _crosses(self, items: list[Any]) -> Failure | None:
        """Why the arguments of an instance cannot be given to the guest, if they cannot."""
        text = json.dumps(items, ensure_ascii=False)
        if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
            return Failure("ValueError", "a parameter is a text with half a character, or NUL")
        if "\\u0000" in text:
            return Failure("ValueError", "a parameter is a text with half a character, or NUL")
        size = len(text.encode())
        if size + 100 > self._can.most_text:
            return Failure(
                "ValueError",
                f"its parameters have {size:,} bytes, and at most {self._can.most_text - 100:,} "
                f"go into a guest of {self.name}",
            )
        return None

    def _chunk(
        self,
        work: Work,
        outcomes: BatchOutcomes,
        places: np.ndarray[Any, Any],
        refused: Mapping[int, Failure],
    ) -> Chunk:
        """What came of instances, in their order.

        Args:
            work: the instances.
            outcomes: of the calls.
            places: the instance of each call.
            refused: instances that were not called.
        """
        import numpy as np

        assert outcomes.counts is not None
        count = len(work.which)
        found = read_records(outcomes.records, outcomes.counts, outcomes.status == CallStatus.OK)
        verdicts, lines = np.zeros(count, np.uint8), np.zeros(count, np.uint32)
        for status, verdict in _OF_STATUS.items():
            verdicts[places[outcomes.status == status]] = verdict
        failures: dict[int, Failure] = dict(refused)
        verdicts[list(refused)] = Verdict.ERROR
        for call, info in outcomes.errors.items():
            place = int(places[call])
            lines[place] = self._line(int(work.which[place]), info)
            reached = _OUT_OF_BUDGET.get(info.message) if info.type == "OutOfBudget" else None
            reached = reached or _OF_LIMIT.get(outcomes.limits.get(call, ""))
            if reached is not None:
                verdicts[place] = reached
            else:
                failures[place] = Failure(info.type, info.message)
        unsound = places[found.unsound]
        verdicts[unsound] = Verdict.ERROR
        failures |= dict.fromkeys(map(int, unsound), _UNSOUND)
        # The records are in the order of the calls, and are wanted in that of the instances.
        sizes = np.zeros(count, np.int64)
        starts = np.zeros(count, np.int64)
        sizes[places] = found.counts
        starts[places] = np.cumsum(found.counts) - found.counts
        ends = np.cumsum(sizes)
        records = found.records
        if len(places) and (np.diff(places) < 0).any():
            wanted = np.arange(len(records)) - np.repeat(ends - sizes, sizes)
            records = records[wanted + np.repeat(starts, sizes)]
        return Chunk(verdicts, lines, ends, records, found.texts, failures)

    def _line(self, number: int, info: GuestErrorInfo) -> int:
        """The deepest line of the script that a traceback names, or 0; guest text."""
        most = self._translated[number].lines
        begins = f'  File "{_name_of(number)}", line '
        for entry in reversed(info.traceback.split("\n")):
            if entry.startswith(begins):
                digits = entry[len(begins) :].partition(",")[0].strip()
                if digits.isascii() and digits.isdigit() and 0 < int(digits[:9]) <= most:
                    return int(digits[:9])
        return 0


def _name_of(number: int) -> str:
    """What a script is called in a guest."""
    return f"block {number}"


def _listed(item: Any) -> Any:
    """A parameter as JSON has it."""
    return [_listed(part) for part in item] if isinstance(item, tuple) else item


def _refuse_engine(engine: EvaluatorEngine, policy: Policy) -> None:
    can: EvaluatorCapabilities = engine.capabilities
    lacking = [name for name in ("scripts", "prelude", "records") if not getattr(can, name)]
    lacking += [name for name in _NEEDED if name not in can.budgets]
    if lacking:
        raise PolicyNotEnforceable(
            f"{engine.name} evaluates no blocks: it has no {', '.join(lacking)}"
        )
    if policy.read_paths or policy.cpu_share is not None or policy.deterministic:
        raise PolicyNotEnforceable(f"{engine.name}: a policy can name walls, and nothing else")
    if can.walls not in policy.wall_sets and policy.wall_sets != Policy().wall_sets:
        wanted = ", ".join(describe_walls(walls) for walls in policy.wall_sets)
        raise PolicyNotEnforceable(
            f"{engine.name} has the walls {describe_walls(can.walls)}, and accepted are {wanted}"
        )
