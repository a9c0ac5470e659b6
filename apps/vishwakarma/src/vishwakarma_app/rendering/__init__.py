"""Pictures of documents: SVG of our own, and PNG made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from vishwakarma_app.document import Document, Element
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_drawing.blocks import elements_of
from vishwakarma_drawing.svg import svg_of
from vishwakarma_drawing.views import ISOMETRIC, PLAN

__all__ = ["LARGEST_SIDE", "drawn_elements", "png_of_svg", "render_svg"]

WHITE = 0xFFFFFFFF
LINE_WIDTH = 0.0015
LARGEST_SIDE = 8_192
_SOLIDS = {
    "node",
    "member",
    "polyline3d",
    "cuboid",
    "cylinder",
    "cone",
    "sphere",
    "extrusion",
    "mesh",
}


def drawn_elements(document: Document) -> Iterator[Element]:
    """What is to be seen: for each block instance the shapes that it draws, as elements with its
    id. One that was not evaluated, or that failed, draws nothing.
    """
    for element in document:
        if element.kind != "block":
            yield element
        elif document.layers[element.layer].visible:
            geometry = document.geometry(element.id)
            if geometry is not None:
                yield from elements_of(element, geometry.data, document.placement(element.id))


def render_svg(
    document: Document,
    view: Literal["auto", "plan", "isometric"] = "auto",
    *,
    line_width: float = LINE_WIDTH,
    pixels: int = 0,
) -> str:
    """A document as SVG, on white.

    Args:
        document: what to draw; hidden layers are not.
        view: from where; ``auto`` is isometric if there is anything in space.
        line_width: how wide lines are, as a part of the picture's larger side.
        pixels: of the longer side, if it is going to be a picture of pixels: what these cannot
            show is left out. 0 keeps all.
    """
    elements = list(drawn_elements(document))
    if view == "auto":
        view = "isometric" if any(one.kind in _SOLIDS for one in elements) else "plan"
    chosen = ISOMETRIC if view == "isometric" else PLAN
    lines = svg_of(
        elements,
        document.layers,
        view=chosen,
        background=WHITE,
        line_width=line_width,
        detail=0.5 / pixels if pixels else 0.0,
    )
    return "\n".join(lines) + "\n"


def png_of_svg(svg: str, side: int = 1_600) -> bytes:
    """An SVG of ours as PNG. Text is drawn with the fonts of the system; without any there is none.

    Args:
        svg: what :func:`render_svg` made.
        side: pixels of the longer side, from 16 to 8192.

    Raises:
        VishwakarmaError: ``side`` is out of range, or it cannot be drawn.
    """
    import resvg_py  # a few MB, and only needed here

    if not 16 <= side <= LARGEST_SIDE:
        raise VishwakarmaError(f"a picture has from 16 to {LARGEST_SIDE} pixels, not {side}")
    _, _, width, height = map(float, svg.partition('viewBox="')[2].partition('"')[0].split())
    try:
        if width >= height:
            return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side))
        return bytes(resvg_py.svg_to_bytes(svg_string=svg, height=side))
    except ValueError as error:
        raise VishwakarmaError(f"the picture cannot be drawn: {error}") from None
