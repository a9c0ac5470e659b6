"""Binary STL of all solids on visible layers: 80 bytes, a count, and 50 bytes for each triangle.

https://www.fabbers.com/tech/STL_Format
"""

import math
import struct
from collections.abc import Iterator
from typing import BinaryIO

import vishwakarma as vk
from vishwakarma_drawing.surfaces import face_normal, surface_of, triangles


def seen_on(layers: str) -> Iterator[vk.Element]:
    """What is to be seen on these layers, or on all; nothing on a hidden one."""
    known = vk.layers()
    for layer in layers.split(",") if layers else known:
        if layer not in known:
            raise ValueError(f"there is no layer {layer!r}")
        if known[layer].visible:
            yield from vk.drawn(layer=layer)


def export_stl(target: BinaryIO, segments: int, layers: str) -> int:
    """Write the solids; how many triangles they have.

    Raises:
        ValueError: ``segments`` is out of range, or there are no solids.
    """
    if not 6 <= segments <= 360:
        raise ValueError(f"segments must be from 6 to 360, not {segments}")
    body = bytearray()
    for element in seen_on(layers):
        surface = surface_of(element.shape, segments)
        if surface is None:
            continue
        for corners in triangles(surface):
            points = [surface.vertices[corner] for corner in corners]
            normal = face_normal(points)
            length = math.hypot(*normal)
            if length:
                unit = [one / length for one in normal]
                body += struct.pack("<12fH", *unit, *points[0], *points[1], *points[2], 0)
    count = len(body) // 50
    if not count:
        raise ValueError("there are no solids to export")
    target.write(b"Vishwakarma".ljust(80) + struct.pack("<I", count))
    target.write(bytes(body))
    return count
