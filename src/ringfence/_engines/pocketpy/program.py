"""Scripts in PocketPy, called in batches."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, Self

from ringfence._engines.pocketpy.batch import (
    UNBOUNDED_FRAMES,
    Batch,
    Failure,
    State,
    describe_end,
)
from ringfence._engines.pocketpy.guest import PocketPyGuest, Told
from ringfence._engines.pocketpy.json_text import write_json
from ringfence._engines.pocketpy.window import MOST_ARGUMENTS, MOST_WIDTH
from ringfence.engine import Cancel
from ringfence.errors import (
    GuestCrashed,
    GuestError,
    LimitExceeded,
    PolicyNotEnforceable,
    SandboxClosed,
)
from ringfence.model import Result, WallSet
from ringfence.model.evaluation import (
    BatchOutcomes,
    Budget,
    Calls,
    CallStatus,
    GuestErrorInfo,
    Script,
)
from ringfence.model.packed_calls import Crossing, check_request, pack_calls

__all__ = ["PocketPyProgram", "refuse_budget"]

_START: Final = 20.0  # seconds until a guest is there: nothing of a script's has run by then
_MOST_MEMORY: Final = 4 << 30
_LEAST_MEMORY: Final = 64 << 10
_MOST_RECORDS: Final = 64 << 20

_CROSSING: Final = Crossing(
    "pocketpy", MOST_ARGUMENTS, 1 << 20, wide=False, nul=False, write=write_json
)

Start = Callable[[], PocketPyGuest]


def refuse_budget(budget: Budget) -> None:
    """Raise PolicyNotEnforceable if a bound cannot be held."""
    if budget.fuel is not None:
        raise PolicyNotEnforceable(
            "pocketpy: fuel cannot be enforced: PocketPy counts no instructions; use wall, or the "
            "engine micro, which counts them"
        )
    memory = _MOST_MEMORY if budget.memory is None else int(budget.memory)
    if not _LEAST_MEMORY <= memory <= _MOST_MEMORY:
        raise PolicyNotEnforceable(
            f"pocketpy: memory={budget.memory} cannot be held: 64 KiB to 4 GiB can"
        )
    if int(budget.records) > _MOST_RECORDS:
        raise PolicyNotEnforceable(
            f"pocketpy: records={budget.records} cannot be had: 64 MiB at most"
        )


class PocketPyProgram:
    """See :class:`ringfence.engine.Program`. Threads take turns.

    Args:
        scripts: what is called.
        prelude: what is run before them.
        budget: what the guests are started with.
        walls: that stand around them.
        start: gives a guest with nothing in it.
        release: called when the program is closed.

    Raises:
        GuestFailure: the prelude did not come to its end.
        EngineFailure: there is no guest to be had.
    """

    def __init__(
        self,
        scripts: Sequence[Script],
        prelude: str,
        budget: Budget,
        walls: WallSet,
        start: Start,
        release: Callable[[], None],
    ) -> None:
        self._scripts, self._prelude, self._budget = scripts, prelude, budget
        self._walls = walls
        self._start = start
        self._release = release
        self._turn = threading.Lock()
        self._pid = os.getpid()
        self._closed = False
        self._failures: dict[int, Failure] = {}
        self._lost: set[int] = set()  # scripts that take their guest with them
        self._guest: PocketPyGuest | None = None
        self._used = False
        self._fresh_guest(None)

    @property
    def failed(self) -> Mapping[int, GuestErrorInfo]:
        return {index: failure.info for index, failure in self._failures.items()}

    def evaluate(
        self,
        calls: Sequence[Calls],
        budget: Budget | None = None,
        *,
        width: int = 1,
        dtype: Literal["float64", "int64"] = "float64",
        record: int | None = None,
        state: State = "loaded",
        measure: bool = False,
        cancel: Cancel | None = None,
    ) -> BatchOutcomes:
        budget = budget or self._budget
        check_request(width, dtype, record, state, MOST_WIDTH)
        if measure:
            raise PolicyNotEnforceable("pocketpy: measure: PocketPy counts no instructions")
        refuse_budget(budget)
        mine = self._budget
        if (budget.memory, budget.records) != (mine.memory, mine.records):
            raise PolicyNotEnforceable(
                f"pocketpy: this program was compiled for memory={mine.memory} and "
                f"records={mine.records}; compile it with this budget"
            )
        rows = [pack_calls(one, len(self._scripts), _CROSSING) for one in calls]
        batch = Batch(rows, budget, width, dtype, record, state)
        if self._pid != os.getpid():
            raise SandboxClosed("the program belongs to the process before a fork")
        with self._turn:
            if self._closed:
                raise SandboxClosed("the program was closed")
            self._make(batch, cancel)
        return batch.outcomes()

    # --- guests ----------------------------------------------------------------------------

    def _fresh_guest(self, batch: Batch | None) -> None:
        """Have a guest in which the scripts are loaded, and nothing was called.

        Raises:
            GuestFailure: the prelude did not come to its end.
            EngineFailure: there is none to be had.
        """
        while True:
            self._discard()
            self._used = False
            self._guest = guest = self._start()
            if batch is not None and batch.cancelled:
                return
            if self._load(guest, batch) is None:
                return

    def _load(self, guest: PocketPyGuest, batch: Batch | None) -> Failure | None:
        """Load all that does not take the guest with it; None once that is done, or nobody wants
        it any more.
        """
        budget = self._budget
        texts = [
            None if index in self._lost else [one.name, one.entry, one.source]
            for index, one in enumerate(self._scripts)
        ]
        answer = guest.ask(
            {
                "do": "load",
                "records": guest.window.each,
                "recursion": UNBOUNDED_FRAMES,  # the bound is for calls
                "output": int(budget.output),
                "prelude": len(self._prelude.encode()),
            },
            self._prelude.encode() + json.dumps(texts).encode(),
            count=1 + len(texts),
            wall=budget.loading_wall,
            output=bytearray(),
            most=int(budget.output),
            start=_START,
        )
        if batch is not None and batch.cancelled:
            return None
        if answer.ended is None:
            for told in answer.told:
                self._note(told)
            if answer.at == len(texts) + 1:
                return None
            kind = "the prelude" if not answer.at else "loading"
            why = GuestErrorInfo("Protocol", f"{kind} came to no end", "")
            raise self._prelude_failed(Failure(int(CallStatus.CRASHED), why))
        failure = describe_end(answer.ended, answer.limit)
        if not answer.at:
            raise self._prelude_failed(failure)
        info = failure.info
        loading = GuestErrorInfo(info.type, f"while it was loaded: {info.message}", "")
        self._failures[answer.at - 1] = failure._replace(info=loading)
        self._lost.add(answer.at - 1)
        return failure

    def _note(self, told: Told) -> None:
        failure = Failure(
            int(CallStatus.ERROR if told.limit is None else CallStatus.LIMIT),
            told.info,
            told.limit,
        )
        if told.at == 0:
            raise self._prelude_failed(failure)
        self._failures.setdefault(told.at - 1, failure)

    def _prelude_failed(self, failure: Failure) -> GuestError | LimitExceeded | GuestCrashed:
        """What is raised when the host's own part has failed."""
        self._discard()
        info = failure.info
        text = f"the prelude failed: {info.type}: {info.message}"
        if failure.limit is not None:
            result = Result(
                status="limit", limit=failure.limit, engine="pocketpy", walls=self._walls
            )
            return LimitExceeded(text, result)
        if failure.status == CallStatus.CRASHED:
            result = Result(status="crashed", error=info, engine="pocketpy", walls=self._walls)
            return GuestCrashed(text, result)
        result = Result(status="error", error=info, engine="pocketpy", walls=self._walls)
        return GuestError(text, result)

    # --- a batch ---------------------------------------------------------------------------

    def _make(self, batch: Batch, cancel: Cancel | None) -> None:
        """Make the calls of a batch."""

        def stop() -> None:
            batch.cancelled = True
            guest = self._guest
            if guest is not None:
                guest.kill()

        if cancel is not None:
            cancel.tell(stop)
        try:
            if self._guest is None or (self._used and batch.state != "kept"):
                self._discard()
            self._make_all(batch)
        except BaseException:
            self._discard()
            raise
        finally:
            if cancel is not None:
                cancel.forget(stop)
            if batch.cancelled:
                self._discard()

    def _make_all(self, batch: Batch) -> None:
        first = 0
        for rows in batch.rows:
            at = 0
            while at < rows.count and not batch.cancelled:
                failure = self._failures.get(rows.script)
                if failure is None and batch.is_full:
                    why = GuestErrorInfo("records", "the batch has more than 2 GiB of them", "")
                    failure = Failure(int(CallStatus.LIMIT), why, "records")
                if failure is not None:
                    batch.fail(range(first + at, first + rows.count), failure)
                    break
                if self._guest is None:
                    self._fresh_guest(batch)
                    continue
                self._used = True
                at, lives = batch.make(self._guest, rows, first, at)
                if not lives or batch.state == "fresh":
                    self._discard()
            first += rows.count

    def _discard(self) -> None:
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._turn:
            if not self._closed:
                self._closed = True
                if self._pid == os.getpid():
                    self._discard()
                    self._release()
