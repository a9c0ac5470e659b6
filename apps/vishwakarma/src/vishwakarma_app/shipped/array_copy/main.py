"""Copies what is selected in columns and rows, with all that belongs to it."""

import vishwakarma as vk


def moved(
    shape: vk.Shape, dx: float, dy: float, copies: dict[int, int], *, carried: bool
) -> vk.Shape:
    """A shape somewhere else; what names other elements names their copies, where there are.

    Args:
        shape: what it was.
        dx: how far to the right.
        dy: how far up.
        copies: id of an element -> id of its copy.
        carried: whether it belongs to a block instance whose copy moves it.
    """
    match shape:
        case vk.Line2D():
            return vk.Line2D(shape.x1 + dx, shape.y1 + dy, shape.x2 + dx, shape.y2 + dy)
        case vk.Member3D():
            start, end = (copies.get(one, one) for one in (shape.start, shape.end))
            return vk.Member3D(start, end, shape.section)
        case vk.Polyline3D():
            return shape.replace(points=[(x + dx, y + dy, z) for x, y, z in shape.points])
        case vk.Mesh3D():
            return shape.replace(vertices=[(x + dx, y + dy, z) for x, y, z in shape.vertices])
        case vk.BlockInstance():
            rows = list(shape.transform)
            if not carried:
                rows[3], rows[7] = rows[3] + dx, rows[7] + dy
            inputs = {name: copies.get(one, one) for name, one in dict(shape.inputs).items()}
            return shape.replace(transform=rows, inputs=inputs)
        case vk.Polyline2D() | vk.Polygon2D() | vk.Hatch2D() | vk.Extrusion3D():
            return shape.replace(points=[(x + dx, y + dy) for x, y in shape.points])
        case vk.Group():
            return shape
        case _:
            # Of whatever kind has an x and a y: the type does not say which.
            return shape.replace(x=getattr(shape, "x") + dx, y=getattr(shape, "y") + dy)  # noqa: B009


def ordered(originals: dict[int, vk.Element]) -> list[vk.Element]:
    """Each after its parent and after what it names."""
    found: dict[int, vk.Element] = {}
    waiting = list(reversed(originals.values()))
    while waiting:
        one = waiting[-1]
        needs = (one.parent, *one.shape.refers_to())
        missing = [originals[i] for i in needs if i in originals and i not in found]
        if missing and one.id not in found:
            waiting.extend(missing)
        else:
            found[one.id] = waiting.pop()
    return list(found.values())


def tree(element: vk.Element) -> list[vk.Element]:
    """An element and all that belongs to it: parents before children."""
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
    parts = ordered(originals)
    blocks = {one.id for one in parts if isinstance(one.shape, vk.BlockInstance)}
    made = 0
    places = [(row, column) for row in range(rows) for column in range(columns)][1:]
    for done, (row, column) in enumerate(places):
        copies: dict[int, int] = {}
        for one in parts:
            carried = one.parent in blocks
            copies[one.id] = vk.create(
                moved(one.shape, column * dx, row * dy, copies, carried=carried),
                parent=copies.get(one.parent, one.parent),
                layer=one.layer,
                color=one.color,
            )
        made += len(parts)
        if done % 100 == 0:
            vk.progress(done / len(places), "copying")
    return made
