"""A batch under way: what is asked for, and what has come of the calls that were made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from ringfence._engines.pocketpy.guest import Answer, PocketPyGuest
from ringfence._engines.pocketpy.window import FAILED, LIMITS, MADE
from ringfence.engine import Exit
from ringfence.model.evaluation import BatchOutcomes, Budget, CallStatus, GuestErrorInfo
from ringfence.model.packed_calls import Rows

__all__ = ["UNBOUNDED_FRAMES", "Batch", "Failure", "State", "describe_end"]

State = Literal["loaded", "fresh", "kept"]

UNBOUNDED_FRAMES: Final = 1_000
"""Where there is no bound, the interpreter's own."""

_MOST_ERRORS: Final = 10_000
_MOST_RECORDS: Final = 2 << 30
_MOST_TEXTS: Final = 1 << 20
_NOT_RUN, _OK, _ERROR, _LIMIT, _CRASHED = (int(one) for one in CallStatus)


def _calls_within(texts: Sequence[str]) -> int:
    """How many calls with these arguments are asked for at once: one at least."""
    size = 0
    for index, text in enumerate(texts):
        size += len(text)
        if size > _MOST_TEXTS and index:
            return index
    return len(texts)


class Failure(NamedTuple):
    """Why a call or a script has failed, and the bound that was reached, if it was one.

    Attributes:
        status: a :class:`CallStatus`.
        info: guest text, or how the guest ended.
        limit: the bound.
    """

    status: int
    info: GuestErrorInfo
    limit: str | None = None


def describe_end(ended: Exit, limit: str | None) -> Failure:
    """What is said of the call in which a guest ended."""
    if limit == "wall":
        why = "it did not come to its end in time; the guest was killed"
        return Failure(_LIMIT, GuestErrorInfo(limit, why, ""), limit)
    if limit == "output":
        why = "more was printed than may be; the guest was ended"
        return Failure(_LIMIT, GuestErrorInfo(limit, why, ""), limit)
    return Failure(_CRASHED, GuestErrorInfo(ended.kind, ended.message, ""))


class Batch:
    """Calls, and what has come of them.

    Attributes:
        cancelled: whether no more of them are to be made.
        guests: how many it has taken.
    """

    def __init__(
        self,
        rows: Sequence[Rows],
        budget: Budget,
        width: int,
        dtype: str,
        record: int | None,
        state: State,
    ) -> None:
        self.rows, self.budget, self.state = rows, budget, state
        self.cancelled = False
        self.guests = 1
        self.output = bytearray()
        self._record = record or 0
        self._width, self._dtype = width, dtype
        count = sum(one.count for one in rows)
        self._status = np.zeros(count, np.uint8)
        self._values = np.zeros((count, width), dtype)
        self._counts = np.zeros(count, np.int64) if record else None
        self._records = bytearray()
        self._errors: dict[int, GuestErrorInfo] = {}
        self._told = 0
        self._limits: dict[int, str] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are more records than anybody can hold."""
        return len(self._records) > _MOST_RECORDS

    @property
    def output_left(self) -> int:
        """Bytes that may still be printed."""
        return max(0, int(self.budget.output) - len(self.output))

    # --- calls -----------------------------------------------------------------------------

    def make(self, guest: PocketPyGuest, rows: Rows, first: int, at: int) -> tuple[int, bool]:
        """Make some of the calls, from ``at`` on; gives the first that is still to be made, and
        whether the guest lives.

        Args:
            guest: where.
            rows: their arguments.
            first: the place of the first of all of these rows in the batch.
            at: the first to be made.

        Raises:
            EngineFailure: the guest never lived.
        """
        window = guest.window
        arguments = 0 if rows.kinds is None else len(rows.kinds)
        count = min(window.most_calls(arguments, self._width), rows.count - at)
        if self.state == "fresh":
            count = 1
        if rows.kinds is None:
            count = _calls_within(rows.texts[at : at + count])
        for index, column in enumerate(rows.columns):
            begin = window.arguments + 8 * index * count
            guest.memory[begin : begin + 8 * count] = bytes(column[8 * at : 8 * (at + count)])
        guest.memory[window.status : window.status + count] = bytes(count)
        frames = self.budget.recursion
        answer = guest.ask(
            {
                "do": "call",
                "script": rows.script,
                "count": count,
                "kinds": "t" if rows.kinds is None else rows.kinds,
                "width": self._width,
                "whole": self._dtype == "int64",
                "record": self._record,
                "records": window.each,
                "recursion": UNBOUNDED_FRAMES if frames is None else frames,
                "output": self.output_left,
                "errors": max(0, _MOST_ERRORS - self._told),
            },
            json.dumps(rows.texts[at : at + count]).encode() if rows.kinds is None else b"",
            count=count,
            wall=None if self.budget.wall is None else float(self.budget.wall),
            output=self.output,
            most=self.output_left,
        )
        answer = self._take(guest, answer, first + at, count)
        if answer.ended is None:
            return at + answer.at, True
        if self.cancelled:
            return at + answer.at, False
        self.guests += 1
        self._stop(first + at + answer.at, describe_end(answer.ended, answer.limit))
        return at + answer.at + 1, False

    def _take(self, guest: PocketPyGuest, answer: Answer, begin: int, count: int) -> Answer:
        """Note what the guest says of calls; gives what is then to be believed of it."""
        window, made = guest.window, answer.at
        if answer.ended is None and made < count and not (self._record and made):
            answer = self._refuse(guest, answer, "the guest was done before it was")
            return answer._replace(at=0)
        seen = np.frombuffer(bytes(guest.memory[window.status : window.status + made]), np.uint8)
        ok = seen == MADE
        if self._record:
            counts = self._counts_of(guest, made)
            counts[~ok] = 0
            fits = (counts <= window.each // self._record) & (
                np.cumsum(counts) <= window.room // self._record
            )
            if not fits.all():  # before a sum of numbers that size means nothing
                made = int(np.argmin(fits))
                answer = self._refuse(guest, answer, "the guest tells of records that it has not")
                answer = answer._replace(at=made)
                seen, ok, counts = seen[:made], ok[:made], counts[:made]
            self._take_records(guest, begin, counts)
        else:
            self._take_values(guest, begin, ok)
        status = np.where(ok, _OK, _ERROR).astype(np.uint8)
        for number, limit in LIMITS.items():
            for index in np.flatnonzero(seen == number):
                status[index] = _LIMIT
                self._limits[begin + int(index)] = limit
        self._status[begin : begin + made] = status
        for told in answer.told:
            if told.at < made and seen[told.at] in FAILED and self._told < _MOST_ERRORS:
                self._told += 1
                self._errors[begin + told.at] = told.info
        return answer

    def _refuse(self, guest: PocketPyGuest, answer: Answer, why: str) -> Answer:
        """It is no guest of ours any more."""
        guest.kill()
        return answer._replace(ended=Exit("Protocol", why), limit=None)

    @staticmethod
    def _counts_of(guest: PocketPyGuest, made: int) -> Any:
        """How many records each call says it has left, as far as a number can be believed."""
        begin = guest.window.counts
        copy = bytes(guest.memory[begin : begin + 8 * made])
        return np.minimum(np.frombuffer(copy, np.uint64), 1 << 32).astype(np.int64)

    def _take_records(self, guest: PocketPyGuest, begin: int, counts: Any) -> None:
        assert self._counts is not None
        made = len(counts)
        self._counts[begin : begin + made] = counts
        self._values[begin : begin + made, 0] = counts
        place = guest.window.records
        self._records += guest.memory[place : place + int(counts.sum()) * self._record]

    def _take_values(self, guest: PocketPyGuest, begin: int, ok: Any) -> None:
        place, made = guest.window.values, len(ok)
        copy = bytes(guest.memory[place : place + 8 * self._width * made])
        rows = np.frombuffer(copy, self._dtype).reshape(made, self._width)
        self._values[begin : begin + made] = np.where(ok[:, None], rows, 0)

    # --- failures --------------------------------------------------------------------------

    def fail(self, calls: Iterable[int], failure: Failure) -> None:
        """Note that calls have failed, for one reason."""
        for at in calls:
            self._status[at] = failure.status
            if failure.limit is not None:
                self._limits[at] = failure.limit
            if self._told < _MOST_ERRORS:
                self._told += 1
                self._errors[at] = failure.info

    def _stop(self, at: int, failure: Failure) -> None:
        """Note that a call was ended, and its guest with it."""
        self._status[at] = failure.status
        if failure.limit is not None:
            self._limits[at] = failure.limit
        self._errors[at] = failure.info

    def outcomes(self) -> BatchOutcomes:
        """What has come of all of them."""
        return BatchOutcomes(
            status=self._status,
            values=self._values[:, 0] if self._width == 1 else self._values,
            errors=self._errors,
            limits=self._limits,
            counts=self._counts,
            records=self._records,
            output=bytes(self.output),
            guests=self.guests,
            cancelled=self.cancelled,
        )
