"""What a guest says of a round of instances, checked: nothing else looks at its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.blocks.geometry import record_dtype, unsound_records
from ringfence.blocks.port import Chunk, Failure
from ringfence_guest.protocol.geometry import Kind, Layout, Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Told", "collect", "counter_of", "nothing_of", "read_told"]

_MOST_CHARACTERS = 1_000
_MOST_ERRORS = 1_000


class Told(NamedTuple):
    """The value of a round: how many instances it evaluated, why some failed, the texts."""

    done: int
    failures: dict[int, Failure]
    texts: tuple[str, ...]


def read_told(value: Any, count: int) -> Told | None:
    """The value of a round of ``count`` instances; None if it is none."""
    if type(value) is not list or [type(part) for part in value] != [int, list, list]:
        return None
    done, errors, texts = value
    if not 1 <= done <= count:
        return None
    if not all(type(text) is str and len(text) <= _MOST_CHARACTERS for text in texts):
        return None
    failures = {}
    for entry in errors[:_MOST_ERRORS]:
        if type(entry) is list and [type(part) for part in entry] == [int, str, str]:
            index, kind, message = entry
            if 0 <= index < done:
                failures[index] = Failure(kind[:100], message[:_MOST_CHARACTERS])
    return Told(done, failures, tuple(texts))


def counter_of(data: memoryview, count: int) -> int:
    """The place of the instance in which a round ended."""
    return min(max(int.from_bytes(data[:8], "little") - 1, 0), count)


def nothing_of(count: int, verdict: Verdict = Verdict.NOT_RUN, why: Failure | None = None) -> Chunk:
    """A chunk without geometry."""
    import numpy as np

    return Chunk(
        np.full(count, verdict, np.uint8),
        np.zeros(count, np.uint32),
        np.zeros(count, np.int64),
        np.empty(0, record_dtype()),
        (),
        {} if why is None else dict.fromkeys(range(count), why),
    )


def collect(
    data: memoryview, layout: Layout, told: Told | None, at: int
) -> tuple[Chunk, np.ndarray[Any, Any]]:
    """The first instances of a round, and the places of those whose geometry is not sound.

    Args:
        data: what the guest wrote. It may still write: everything is copied before it is looked at.
        layout: where things are.
        told: what it said; None if it did not get to that. Then there are no texts and no reasons,
            and only the instances up to the first that needed either are taken.
        at: how many it has evaluated.
    """
    import numpy as np

    if told is not None:
        at = told.done
    if len(data) < layout.records:
        at = 0
    room = min(layout.room, max(0, len(data) - layout.records) // record_dtype().itemsize)
    verdicts = np.frombuffer(data, np.uint8, at, layout.verdicts if at else 0).copy()
    verdicts[(verdicts == Verdict.NOT_RUN) | (verdicts > Verdict.MEMORY)] = Verdict.ERROR
    lines = np.frombuffer(data, np.uint32, at, layout.lines if at else 0).copy()
    ends = np.frombuffer(data, np.uint64, at, layout.ends if at else 0)
    ends = np.maximum.accumulate(np.minimum(ends, room).astype(np.int64))
    size = int(ends[-1]) if at else 0
    records = np.frombuffer(data, record_dtype(), size, layout.records if size else 0).copy()
    if told is None:
        kept = _plain(verdicts, ends, records)
        size = int(ends[kept - 1]) if kept else 0
        verdicts, lines, ends, records = verdicts[:kept], lines[:kept], ends[:kept], records[:size]
    texts = told.texts if told is not None else ()
    bad = unsound_records(records, ends, len(texts))
    places = np.unique(np.searchsorted(ends, bad, side="right"))
    places = places[verdicts[places] == Verdict.OK]
    failures = told.failures if told is not None else {}
    return Chunk(verdicts, lines, ends, records, texts, failures), places


def _plain(verdicts: Any, ends: Any, records: Any) -> int:
    """How many instances there are before the first that failed or has a text."""
    import numpy as np

    failed = np.flatnonzero(verdicts != Verdict.OK)
    texts = np.flatnonzero(records["kind"] == Kind.TEXT)
    first = len(verdicts)
    if len(failed):
        first = int(failed[0])
    if len(texts):
        first = min(first, int(np.searchsorted(ends, texts[0], side="right")))
    return first
