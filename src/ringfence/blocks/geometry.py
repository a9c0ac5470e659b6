"""Records as NumPy sees them, and the one place where those of a guest are checked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ringfence_guest.protocol.geometry import (
    FIELDS,
    LEAST_VERTICES,
    NOT_NEGATIVE,
    POSITIVE,
    RECORD_SIZE,
    Kind,
)

if TYPE_CHECKING:
    import numpy as np

    Records = np.ndarray[Any, Any]

__all__ = ["record_dtype", "unsound_records"]

_HEADERS = tuple(int(kind) for kind in LEAST_VERTICES)


@cache
def record_dtype() -> np.dtype[Any]:
    """The dtype of geometry: ``data`` (six doubles), ``kind`` and ``color`` (0xRRGGBBAA)."""
    import numpy as np

    dtype: np.dtype[Any] = np.dtype([("data", "<f8", (6,)), ("kind", "<u4"), ("color", "<u4")])
    assert dtype.itemsize == RECORD_SIZE
    return dtype


def unsound_records(records: Records, ends: Records, texts: int) -> Records:
    """The places of records that are not what they should be, some more than once.

    Args:
        records: a copy of what a guest wrote.
        ends: where each instance ends; ascending, the last is the number of records.
        texts: how many strings there are.
    """
    import numpy as np

    if not len(records):
        return np.empty(0, np.intp)
    data, kinds = records["data"], records["kind"]
    with np.errstate(all="ignore"):
        found = []
        if not np.isfinite(data.sum()):  # quick, and wrong only where numbers are huge
            found.append(np.flatnonzero(~np.isfinite(data).all(axis=1)))
        present = np.bincount(np.minimum(kinds, len(Kind) + 1), minlength=len(Kind) + 2)
        if present[0] or present[-1]:
            found.append(np.flatnonzero((kinds < 1) | (kinds > len(Kind))))
        for kind in Kind:
            if present[kind] and kind in _CHECKED:
                places = np.flatnonzero(kinds == kind)
                values = data[places]
                bad = np.zeros(len(places), bool)
                for column in POSITIVE.get(kind, ()):
                    bad |= ~(values[:, column] > 0)
                for column in NOT_NEGATIVE.get(kind, ()):
                    bad |= ~(values[:, column] >= 0)
                if kind == Kind.TEXT:
                    string = values[:, FIELDS[kind].index("string")]
                    bad |= ~((string >= 0) & (string < texts) & (string == np.floor(string)))
                found.append(places[bad])
        if present[Kind.VERTEX] or present[list(_HEADERS)].any():
            found.append(_misplaced(data, kinds, ends))
    return np.concatenate(found) if found else np.empty(0, np.intp)


_CHECKED = POSITIVE.keys() | NOT_NEGATIVE.keys() | {Kind.TEXT}


def _misplaced(data: Records, kinds: Records, ends: Records) -> Records:
    """Headers without their vertices, and vertices without a header."""
    import numpy as np

    heads = np.flatnonzero(np.isin(kinds, _HEADERS))
    counts = data[heads, 0]
    least = np.zeros(len(Kind) + 1)
    for kind, number in LEAST_VERTICES.items():
        least[kind] = number
    last = ends[np.searchsorted(ends, heads, side="right")]  # of the instance that it belongs to
    sound = (counts >= least[kinds[heads]]) & (counts == np.floor(counts))
    sound &= counts < last - heads
    whole = np.where(sound, counts, 0).astype(np.int64)
    vertices = np.concatenate([[0], np.cumsum(kinds == Kind.VERTEX)])
    stop = heads + 1 + whole
    sound &= vertices[stop] - vertices[heads] == whole
    owned = np.zeros(len(kinds) + 1, np.int64)
    np.add.at(owned, heads[sound] + 1, 1)
    np.add.at(owned, stop[sound], -1)
    stray = np.flatnonzero((kinds == Kind.VERTEX) & (np.cumsum(owned)[:-1] != 1))
    return np.concatenate([heads[~sound], stray])
