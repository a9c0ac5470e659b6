"""Reads a binary STL from bytes."""
import struct
from typing import NamedTuple


class Triangle(NamedTuple):
    normal: tuple[float, float, float]
    corners: tuple[tuple[float, float, float], ...]


_RECORD = struct.Struct("<12fH")


def read(data: bytes) -> list[Triangle]:
    (count,) = struct.unpack_from("<I", data, 80)
    if len(data) < 84 + count * _RECORD.size:
        raise ValueError("the file is cut short")
    found = []
    for number in range(count):
        values = _RECORD.unpack_from(data, 84 + number * _RECORD.size)
        found.append(Triangle(values[:3], (values[3:6], values[6:9], values[9:12])))
    return found
