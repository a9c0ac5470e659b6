"""What a block drew, as bytes that a document keeps: made, measured, and taken apart again.

::

    "VKG1"  u32 records  records of ``ringfence.blocks.record_dtype()``  texts, a list in JSON
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from ringfence import blocks
from vishwakarma_app.document import Box

__all__ = ["boxes_of", "pack", "unpacked"]

Records: TypeAlias = "np.ndarray[Any, Any]"

_MAGIC = b"VKG1"
_HEAD = 8
_FIELDS = {kind: blocks.FIELDS[kind] for kind in blocks.Kind}
_HEADERS = (blocks.Kind.POLYLINE, blocks.Kind.POLYGON, blocks.Kind.EXTRUSION)


def pack(geometry: Records, texts: Sequence[str]) -> bytes:
    """The records and texts of a result as bytes."""
    strings = json.dumps(list(texts)).encode() if texts else b"[]"
    return b"%s%s%s%s" % (_MAGIC, struct.pack("<I", len(geometry)), geometry.tobytes(), strings)


def unpacked(data: bytes) -> tuple[Records, tuple[str, ...]]:
    """The records and texts of :func:`pack` again.

    Raises:
        ValueError: the bytes are something else.
    """
    dtype = blocks.record_dtype()
    if data[:4] != _MAGIC or len(data) < _HEAD:
        raise ValueError("these bytes are no geometry of a block")
    (count,) = struct.unpack_from("<I", data, 4)
    end = _HEAD + count * dtype.itemsize
    if end > len(data):
        raise ValueError("the geometry of a block is not whole")
    records = np.frombuffer(data, dtype, count, _HEAD)
    texts = json.loads(data[end:])
    if type(texts) is not list or not all(type(text) is str for text in texts):
        raise ValueError("the texts of a block are no texts")
    if not _sound(records, len(texts)):
        raise ValueError("the geometry of a block has records that mean nothing")
    return records, tuple(texts)


def _sound(records: Records, texts: int) -> bool:
    kinds, data = records["kind"], records["data"]
    if not np.isfinite(data).all() or not ((kinds >= 1) & (kinds <= len(_FIELDS))).all():
        return False
    places = data[kinds == blocks.Kind.TEXT, 4]
    if not ((places >= 0) & (places < texts)).all():
        return False
    owned = np.zeros(len(records) + 1, np.int64)
    for head in np.flatnonzero(np.isin(kinds, _HEADERS)).tolist():
        count = data[head, 0]
        if not 2 <= count < len(records) - head or count != int(count):
            return False
        owned[head + 1 : head + 1 + int(count)] += 1
    return bool(((kinds == blocks.Kind.VERTEX) == (owned[:-1] == 1)).all())


def boxes_of(results: Sequence[tuple[Records, Sequence[str]]]) -> list[Box | None]:
    """The box around each of many geometries; None where one is empty."""
    counts = np.array([len(records) for records, _ in results])
    if not counts.sum():
        return [None] * len(results)
    records = np.concatenate([records for records, _ in results])
    widths = np.concatenate([_widths(*one) for one in results])
    low, high = _extents(records, widths)
    found: list[Box | None] = [None] * len(results)
    filled = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[filled]
    least = np.minimum.reduceat(low, starts).tolist()
    most = np.maximum.reduceat(high, starts).tolist()
    for place, a, b in zip(filled.tolist(), least, most, strict=True):
        if a[0] <= b[0]:
            found[place] = Box(*a, *b)
    return found


def _widths(records: Records, texts: Sequence[str]) -> Records:
    """About how wide each text is, 0.6 of its height for each character; 0 for other records."""
    found = np.zeros(len(records))
    if texts:
        for place in np.flatnonzero(records["kind"] == blocks.Kind.TEXT).tolist():
            height, string = records["data"][place, 2], int(records["data"][place, 4])
            found[place] = 0.6 * height * len(texts[string])
    return found


def _extents(records: Records, widths: Records) -> tuple[Records, Records]:
    """The smallest and largest x, y, z of each record; headers have none: inf and -inf.

    An arc is taken to be its circle.
    """
    kinds, data = records["kind"], records["data"]
    low = np.full((len(records), 3), np.inf)
    high = np.full((len(records), 3), -np.inf)
    present = frozenset(np.flatnonzero(np.bincount(kinds)).tolist())

    def spread(kind: blocks.Kind, *points: Any) -> None:
        if kind not in present:
            return
        chosen = np.flatnonzero(kinds == kind)
        rows = data[chosen]
        for point in points:
            x, y, z = point(rows, widths[chosen])
            corner = np.stack([x, y, z + np.zeros(len(chosen))], axis=1)
            low[chosen] = np.minimum(low[chosen], corner)
            high[chosen] = np.maximum(high[chosen], corner)

    k = blocks.Kind
    for kind in (k.POINT, k.VERTEX):
        spread(kind, lambda d, w: (d[:, 0], d[:, 1], d[:, 2]))
    spread(
        k.LINE,
        lambda d, w: (d[:, 0], d[:, 1], 0.0),
        lambda d, w: (d[:, 2], d[:, 3], 0.0),
    )
    spread(
        k.LINE3,
        lambda d, w: (d[:, 0], d[:, 1], d[:, 2]),
        lambda d, w: (d[:, 3], d[:, 4], d[:, 5]),
    )
    for kind in (k.CIRCLE, k.ARC):
        spread(
            kind,
            lambda d, w: (d[:, 0] - d[:, 2], d[:, 1] - d[:, 2], 0.0),
            lambda d, w: (d[:, 0] + d[:, 2], d[:, 1] + d[:, 2], 0.0),
        )
    spread(
        k.CUBOID,
        lambda d, w: (d[:, 0], d[:, 1], d[:, 2]),
        lambda d, w: (d[:, 0] + d[:, 3], d[:, 1] + d[:, 4], d[:, 2] + d[:, 5]),
    )
    spread(
        k.CYLINDER,
        lambda d, w: (d[:, 0] - d[:, 3], d[:, 1] - d[:, 3], d[:, 2]),
        lambda d, w: (d[:, 0] + d[:, 3], d[:, 1] + d[:, 3], d[:, 2] + d[:, 4]),
    )
    spread(
        k.CONE,
        lambda d, w: (
            d[:, 0] - np.maximum(d[:, 3], d[:, 4]),
            d[:, 1] - np.maximum(d[:, 3], d[:, 4]),
            d[:, 2],
        ),
        lambda d, w: (
            d[:, 0] + np.maximum(d[:, 3], d[:, 4]),
            d[:, 1] + np.maximum(d[:, 3], d[:, 4]),
            d[:, 2] + d[:, 5],
        ),
    )
    spread(
        k.SPHERE,
        lambda d, w: (d[:, 0] - d[:, 3], d[:, 1] - d[:, 3], d[:, 2] - d[:, 3]),
        lambda d, w: (d[:, 0] + d[:, 3], d[:, 1] + d[:, 3], d[:, 2] + d[:, 3]),
    )
    for along, across in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)):
        spread(k.TEXT, lambda d, w, u=along, v=across: _corner(d, w * u, d[:, 2] * v))
    _lift(kinds, data, low, high)
    return low, high


def _corner(data: Records, right: Records, up: Records) -> tuple[Records, Records, float]:
    turn = np.radians(data[:, 3])
    x = data[:, 0] + right * np.cos(turn) - up * np.sin(turn)
    return x, data[:, 1] + right * np.sin(turn) + up * np.cos(turn), 0.0


def _lift(kinds: Records, data: Records, low: Records, high: Records) -> None:
    """The vertices of an extrusion are below its height as well."""
    for head in np.flatnonzero(kinds == blocks.Kind.EXTRUSION).tolist():
        own = slice(head + 1, head + 1 + int(data[head, 0]))
        high[own, 2] += data[head, 1]
