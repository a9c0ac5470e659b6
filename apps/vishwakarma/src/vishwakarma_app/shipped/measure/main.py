"""Measures the lengths of what is selected, or of everything, and draws a table beside it."""

import itertools
import math
from collections.abc import Iterable

import vishwakarma as vk


def length_of(shape: vk.Shape) -> float | None:
    """How long something is; None for what has no length."""
    match shape:
        case vk.Line2D():
            return math.dist((shape.x1, shape.y1), (shape.x2, shape.y2))
        case vk.Polyline2D() | vk.Polyline3D():
            points: list[tuple[float, ...]] = list(shape.points)
            if shape.closed:
                points.append(points[0])
            return math.fsum(math.dist(a, b) for a, b in itertools.pairwise(points))
        case vk.Circle2D():
            return 2 * math.pi * shape.radius
        case vk.Arc2D():
            return math.radians((shape.end - shape.start) % 360 or 360) * shape.radius
        case vk.Member3D():
            ends = [vk.get(one).shape for one in (shape.start, shape.end)]
            return math.dist(*((one.x, one.y, one.z) for one in ends if isinstance(one, vk.Node3D)))
        case _:
            return None


def corner(shapes: Iterable[vk.Shape]) -> tuple[float, float]:
    """The upper right corner of points of shapes: where the table goes."""
    xs, ys = [0.0], [0.0]
    for shape in shapes:
        for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2")):
            if hasattr(shape, x):
                xs.append(getattr(shape, x) + getattr(shape, "radius", 0.0))
                ys.append(getattr(shape, y) + getattr(shape, "radius", 0.0))
        for point in getattr(shape, "points", ()):
            xs.append(point[0])
            ys.append(point[1])
    return max(xs), max(ys)


def measure(height: float, layer: str) -> list[tuple[int, str, float]]:
    """Draw the table; its rows: id, kind and length."""
    chosen = vk.selection()
    elements = [vk.get(one) for one in chosen] if chosen else list(vk.query())
    lengths = [(one, length_of(one.shape)) for one in elements]
    rows = [(one.id, one.kind, length) for one, length in lengths if length is not None]
    if not rows:
        raise ValueError("nothing here has a length")
    if layer not in vk.layers():
        vk.set_layer(layer, color=0x3050A0FF)
    x, y = corner(one.shape for one, length in lengths if length is not None)
    x += 4 * height
    unit = vk.unit()
    group = vk.create_group(name="lengths", layer=layer)
    total = math.fsum(length for _, _, length in rows)
    lines = [f"length [{unit}]"]
    lines += [f"{number}  {kind}  {length:.3f}" for number, kind, length in rows]
    lines.append(f"total  {total:.3f}")
    for row, text in enumerate(lines):
        vk.create_text(
            text=text, x=x, y=y - 1.6 * height * (row + 1), height=height, parent=group, layer=layer
        )
    return rows
