"""SVG: a group for each layer, colours, text, in units of the document."""

from typing import BinaryIO

import vishwakarma as vk
from vishwakarma_drawing.svg import svg_of
from vishwakarma_drawing.views import ISOMETRIC, PLAN


def export_svg(target: BinaryIO, view: str) -> int:
    """Write the document; how many elements there are.

    Raises:
        ValueError: there is no such view.
    """
    views = {"plan": PLAN, "isometric": ISOMETRIC}
    if view not in views:
        raise ValueError(f"view must be plan or isometric, not {view!r}")
    elements = list(vk.query())
    vk.progress(0.5, "drawing")
    part: list[str] = []
    for line in svg_of(elements, vk.layers(), view=views[view]):
        part.append(line)
        if len(part) >= 1_000:
            target.write(("\n".join(part) + "\n").encode())
            part.clear()
    target.write(("\n".join(part) + "\n").encode())
    return len(elements)
