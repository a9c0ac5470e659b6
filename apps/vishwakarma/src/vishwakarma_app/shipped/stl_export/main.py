"""Binary STL of all solids on visible layers: 80 bytes, a count, and 50 bytes for each triangle.

https://www.fabbers.com/tech/STL_Format
"""

import math
import struct
from typing import BinaryIO

import vishwakarma as vk
from vishwakarma_drawing.surfaces import face_normal, surface_of, triangles


def export_stl(target: BinaryIO, segments: int) -> int:
    """Write the solids; how many triangles they have.

    Raises:
        ValueError: ``segments`` is out of range, or there are no solids.
    """
    if not 6 <= segments <= 360:
        raise ValueError(f"segments must be from 6 to 360, not {segments}")
    layers = vk.layers()
    body = bytearray()
    for element in vk.query():
        surface = surface_of(element.shape, segments)
        if surface is None or not layers[element.layer].visible:
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
