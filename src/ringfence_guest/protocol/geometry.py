"""The geometry of block scripts: records of one size, which guests write and hosts read.

A record is 56 bytes: six doubles, then kind and colour as unsigned 32-bit numbers, all of them
little-endian. What the doubles mean depends on the kind (:data:`FIELDS`); those that a kind does
not use are 0. A shape of many points is a header, which says how many, and a ``VERTEX`` for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

__all__ = [
    "BLACK",
    "FIELDS",
    "LEAST_VERTICES",
    "NOT_NEGATIVE",
    "POSITIVE",
    "RECORD_SIZE",
    "Kind",
    "Layout",
    "Verdict",
]

RECORD_SIZE = 56
BLACK = 0x000000FF
"""The colour of what says none: 0xRRGGBBAA."""
_ALIGNED = 64


class Kind(IntEnum):
    """What a record is."""

    POINT = 1
    LINE = 2
    LINE3 = 3
    CIRCLE = 4
    ARC = 5
    TEXT = 6
    POLYLINE = 7
    POLYGON = 8
    CUBOID = 9
    CYLINDER = 10
    CONE = 11
    SPHERE = 12
    EXTRUSION = 13
    VERTEX = 14


FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.POINT: ("x", "y", "z"),
    Kind.LINE: ("x1", "y1", "x2", "y2"),
    Kind.LINE3: ("x1", "y1", "z1", "x2", "y2", "z2"),
    Kind.CIRCLE: ("x", "y", "radius"),
    Kind.ARC: ("x", "y", "radius", "start", "end"),
    Kind.TEXT: ("x", "y", "height", "angle", "string"),
    Kind.POLYLINE: ("vertices",),
    Kind.POLYGON: ("vertices",),
    Kind.CUBOID: ("x", "y", "z", "dx", "dy", "dz"),
    Kind.CYLINDER: ("x", "y", "z", "radius", "height"),
    Kind.CONE: ("x", "y", "z", "radius", "top", "height"),
    Kind.SPHERE: ("x", "y", "z", "radius"),
    Kind.EXTRUSION: ("vertices", "height"),
    Kind.VERTEX: ("x", "y", "z"),
}
"""The doubles of each kind. Angles are degrees, counter-clockwise; ``string`` is a place in the
texts, ``vertices`` how many records of kind ``VERTEX`` follow.
"""
POSITIVE: Mapping[Kind, tuple[int, ...]] = {
    Kind.CIRCLE: (2,),
    Kind.ARC: (2,),
    Kind.TEXT: (2,),
    Kind.CUBOID: (3, 4, 5),
    Kind.CYLINDER: (3, 4),
    Kind.CONE: (3, 5),
    Kind.SPHERE: (3,),
    Kind.EXTRUSION: (1,),
}
"""Which doubles of a kind have to be more than 0."""
NOT_NEGATIVE: Mapping[Kind, tuple[int, ...]] = {Kind.CONE: (4,)}
LEAST_VERTICES: Mapping[Kind, int] = {Kind.POLYLINE: 2, Kind.POLYGON: 3, Kind.EXTRUSION: 3}


class Verdict(IntEnum):
    """What came of one instance. A guest writes those up to ``MEMORY``, the host knows the rest."""

    NOT_RUN = 0
    OK = 1
    ERROR = 2
    STEPS = 3
    RECURSION = 4
    PRIMITIVES = 5
    MEMORY = 6
    WALL = 7
    FUEL = 8
    CRASHED = 9


class Layout:
    """Where things are in what one round of instances writes.

    In bytes::

        0    the counter: one more than the place of the instance that runs (unsigned, 64 bits)
        64   a verdict for each instance (8 bits)
        …    the line at fault (32 bits), from the next multiple of 64 on
        …    the number of records up to its end (64 bits), likewise
        …    the records, likewise

    Args:
        count: instances.
        records: how many there is room for.
    """

    def __init__(self, count: int, records: int) -> None:
        self.count, self.room = count, records
        self.verdicts = _ALIGNED
        self.lines = _aligned(self.verdicts + count)
        self.ends = _aligned(self.lines + 4 * count)
        self.records = _aligned(self.ends + 8 * count)
        self.size = self.records + RECORD_SIZE * records


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED
