"""SVG: a group for each layer, colours, text, in units of the document."""

from typing import BinaryIO

import vishwakarma as vk
from vishwakarma_drawing.svg import svg_of
from vishwakarma_drawing.views import ISOMETRIC, PLAN


def export_svg(target: BinaryIO, view: str, line_width: float, layers: str) -> int:
    """Write the document; how many elements there are.

    Raises:
        ValueError: there is no such view.
    """
    views = {"plan": PLAN, "isometric": ISOMETRIC}
    if view not in views:
        raise ValueError(f"view must be plan or isometric, not {view!r}")
    if not 0 < line_width <= 0.1:
        raise ValueError(f"line_width must be more than 0, at most 0.1, not {line_width}")
    wanted = layers.split(",") if layers else [None]
    elements = [one for layer in wanted for one in vk.drawn(layer=layer)]
    vk.progress(0.5, "drawing")
    part: list[str] = []
    for line in svg_of(elements, vk.layers(), view=views[view], line_width=line_width):
        part.append(line)
        if len(part) >= 1_000:
            target.write(("\n".join(part) + "\n").encode())
            part.clear()
    target.write(("\n".join(part) + "\n").encode())
    return len(elements)
