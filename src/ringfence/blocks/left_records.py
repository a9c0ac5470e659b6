"""What calls of an evaluator have left, taken apart into geometry and texts, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.blocks.geometry import record_dtype, unsound_records
from ringfence.blocks.prelude import TEXT_CODES, TEXT_HEAD
from ringfence_guest.protocol.geometry import FIELDS, Kind

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LeftRecords", "read_records"]

_MOST_CHARACTERS = 1_000
_NUMBERS = 7
_MOST_META = 1 << 40  # a colour, and eight bits
_STRING = FIELDS[Kind.TEXT].index("string")


class LeftRecords(NamedTuple):
    """The geometry of calls.

    Attributes:
        records: of all calls, one after another.
        counts: how many are of each call.
        texts: the strings that records of kind ``TEXT`` name.
        unsound: the places of calls whose geometry is none.
    """

    records: np.ndarray[Any, Any]
    counts: np.ndarray[Any, Any]
    texts: tuple[str, ...]
    unsound: np.ndarray[Any, Any]


def read_records(
    data: bytes | bytearray, counts: np.ndarray[Any, Any], ok: np.ndarray[Any, Any]
) -> LeftRecords:
    """The geometry that calls have left: guests wrote it.

    Args:
        data: the records of all calls, the host's own.
        counts: how many are of each.
        ok: which calls have returned.
    """
    import numpy as np

    rows = np.frombuffer(data, "<f8").reshape(-1, _NUMBERS)
    records = np.empty(len(rows), record_dtype())
    records["data"] = rows[:, :-1]
    meta = rows[:, -1]
    sound = (meta >= 0) & (meta < _MOST_META) & (meta == np.floor(meta))
    whole = np.where(sound, meta, 0).astype(np.int64)  # 0 is no kind
    records["kind"], records["color"] = whole & 0xFF, whole >> 8
    ends = np.cumsum(counts)
    bad: list[int] = []
    texts: list[str] = []
    written = (records["kind"] >= TEXT_CODES) | (records["kind"] == Kind.TEXT)
    if written.any():
        begins = ends - counts
        taken = np.zeros(len(counts), np.int64)
        touched = np.unique(np.searchsorted(ends, np.flatnonzero(written), side="right"))
        for call in touched.tolist():
            own = records[begins[call] : ends[call]]
            size, found = _read_texts(own, len(texts))
            if found is None:
                bad.append(call)
                own["kind"] = TEXT_HEAD  # none of it is taken
                size = 0
            else:
                texts += found
            taken[call] = len(own) - size
        keep = records["kind"] < TEXT_CODES
        records, counts = records[keep], counts - taken
        ends = np.cumsum(counts)
    places = np.searchsorted(ends, unsound_records(records, ends, len(texts)), side="right")
    unsound = np.unique(np.concatenate([places, np.array(bad, np.intp)]))
    return LeftRecords(records, counts, tuple(texts), unsound[ok[unsound]])


def _read_texts(own: np.ndarray[Any, Any], before: int) -> tuple[int, list[str] | None]:
    """How many records of an instance are geometry, and its texts, whose places are made those
    after ``before`` others; None if these are no texts.
    """
    import numpy as np

    kinds = own["kind"]
    behind = np.flatnonzero(kinds >= TEXT_CODES)
    size = int(behind[0]) if len(behind) else len(own)
    at, found = size, []
    while at < len(own):
        length = float(own["data"][at, 0])
        if kinds[at] != TEXT_HEAD or not 0 <= length <= _MOST_CHARACTERS or length != int(length):
            return size, None
        rows = -(-int(length) // 6)
        codes = own["data"][at + 1 : at + 1 + rows].reshape(-1)[: int(length)]
        if len(codes) != length or (kinds[at + 1 : at + 1 + rows] != TEXT_CODES).any():
            return size, None
        half = (codes >= 0xD800) & (codes <= 0xDFFF)
        if not ((codes >= 0) & (codes <= 0x10FFFF) & (codes == np.floor(codes)) & ~half).all():
            return size, None
        found.append("".join(map(chr, codes.astype(np.int64).tolist())))
        at += 1 + rows
    named = np.flatnonzero(kinds[:size] == Kind.TEXT)
    strings = own["data"][named, _STRING]
    if not ((strings >= 0) & (strings < len(found))).all():
        return size, None
    own["data"][named, _STRING] = strings + before
    return size, found
