"""Copies what is selected in columns and rows, with all that belongs to it."""

import vishwakarma as vk


def moved(shape: vk.Shape, dx: float, dy: float, nodes: dict[int, int]) -> vk.Shape:
    """A shape somewhere else; members go to the copies of their nodes, where there are."""
    match shape:
        case vk.Line2D():
            return vk.Line2D(shape.x1 + dx, shape.y1 + dy, shape.x2 + dx, shape.y2 + dy)
        case vk.Member3D():
            start, end = (nodes.get(one, one) for one in (shape.start, shape.end))
            return vk.Member3D(start, end, shape.section)
        case vk.Polyline3D():
            return shape.replace(points=[(x + dx, y + dy, z) for x, y, z in shape.points])
        case vk.Mesh3D():
            return shape.replace(vertices=[(x + dx, y + dy, z) for x, y, z in shape.vertices])
        case vk.BlockInstance():
            rows = list(shape.transform)
            rows[3], rows[7] = rows[3] + dx, rows[7] + dy
            return shape.replace(transform=rows)
        case vk.Polyline2D() | vk.Polygon2D() | vk.Hatch2D() | vk.Extrusion3D():
            return shape.replace(points=[(x + dx, y + dy) for x, y in shape.points])
        case vk.Group():
            return shape
        case _:
            return shape.replace(x=getattr(shape, "x") + dx, y=getattr(shape, "y") + dy)  # noqa: B009


def tree(element: vk.Element) -> list[vk.Element]:
    """An element and all that belongs to it: parents before children, nodes before members."""
    found = [element]
    for one in found:
        found.extend(vk.query(one.id))
    return found


def array_copy(columns: int, rows: int, dx: float, dy: float) -> int:
    """Copy the selection; how many elements were made.

    Raises:
        ValueError: nothing is selected, or the array is too small or too large.
    """
    selected = [vk.get(one) for one in vk.selection()]
    if not selected:
        raise ValueError("nothing is selected")
    if not 1 <= columns <= 10_000 or not 1 <= rows <= 10_000 or columns * rows < 2:
        raise ValueError("columns and rows must be from 1 to 10000, and not both 1")
    originals: dict[int, vk.Element] = {}
    for top in selected:
        originals.update((one.id, one) for one in tree(top))
    ordered = sorted(originals.values(), key=lambda one: isinstance(one.shape, vk.Member3D))
    made = 0
    places = [(row, column) for row in range(rows) for column in range(columns)][1:]
    for done, (row, column) in enumerate(places):
        copies: dict[int, int] = {}
        for one in ordered:
            copies[one.id] = vk.create(
                moved(one.shape, column * dx, row * dy, copies),
                parent=copies.get(one.parent, one.parent),
                layer=one.layer,
                color=one.color,
            )
        made += len(ordered)
        if done % 100 == 0:
            vk.progress(done / len(places), "copying")
    return made
