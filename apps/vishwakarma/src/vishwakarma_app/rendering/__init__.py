"""Pictures of documents: SVG of our own, and PNG made of it."""

from __future__ import annotations

from typing import Literal

from vishwakarma_app.document import Document
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_drawing.svg import svg_of
from vishwakarma_drawing.views import ISOMETRIC, PLAN

__all__ = ["LARGEST_SIDE", "png_of_svg", "render_svg"]

WHITE = 0xFFFFFFFF
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


def render_svg(document: Document, view: Literal["auto", "plan", "isometric"] = "auto") -> str:
    """A document as SVG, on white.

    Args:
        document: what to draw; hidden layers are not.
        view: from where; ``auto`` is isometric if there is anything in space.
    """
    if view == "auto":
        view = "isometric" if any(one.kind in _SOLIDS for one in document) else "plan"
    chosen = ISOMETRIC if view == "isometric" else PLAN
    lines = svg_of(document, document.layers, view=chosen, background=WHITE)
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
