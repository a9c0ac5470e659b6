"""The DXF of the demo: a survey of the site as an office would send it, written by ezdxf."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from vishwakarma_app.demo.site import PITCH, PLOT, Site

__all__ = ["write_survey"]


def write_survey(path: Path, site: Site) -> int:
    """Write plots, streets, contour lines, parking bays and a north arrow; how many entities.

    Raises:
        ImportError: ezdxf is not installed.
    """
    from ezdxf.filemanagement import new

    drawing = new("R2010", setup=True)
    drawing.units = 6
    for name, color in (("PLOTS", 0x9A9A9A), ("STREETS", 0x6F7B85), ("CONTOURS", 0xC9A66B)):
        drawing.layers.add(name).rgb = (color >> 16, color >> 8 & 0xFF, color & 0xFF)
    space: Any = drawing.modelspace()
    gap = PITCH - PLOT
    width, depth = site.columns * PITCH - gap, site.rows * PITCH - gap
    bay = drawing.blocks.new("BAY")
    bay.add_lwpolyline([(0, 5), (0, 0), (2.5, 0), (2.5, 5)], dxfattribs={"layer": "STREETS"})
    for row in range(site.rows):
        for column in range(site.columns):
            _plot(space, column * PITCH, row * PITCH, f"{row + 1}.{column + 1}")
    middle = {"layer": "STREETS", "linetype": "CENTER"}
    for column in range(1, site.columns):
        x = column * PITCH - gap / 2
        space.add_line((x, -gap), (x, depth + gap), dxfattribs=middle)
    for row in range(1, site.rows):
        y = row * PITCH - gap / 2
        space.add_line((-gap, y), (width + gap, y), dxfattribs=middle)
    for number in range(max(4, 6 * site.columns)):
        space.add_blockref("BAY", (2.6 * number, -gap + 1), dxfattribs={"layer": "STREETS"})
    for number in range(7):
        level = depth + gap + 6 * number
        points = [
            (width * step / 12, level + 4 * math.sin(0.9 * step + 0.5 * number), 0.0)
            for step in range(13)
        ]
        space.add_spline(points, dxfattribs={"layer": "CONTOURS"})
    _north(space, width + 1.5 * gap, depth - 20)
    drawing.saveas(path)
    return len(space)


def _plot(space: Any, x: float, y: float, name: str) -> None:
    """A plot with round corners (bulges), and its number."""
    r, far = 4.0, PLOT
    bulge = math.tan(math.pi / 8)
    corners = [
        (x + r, y, 0.0), (x + far - r, y, bulge), (x + far, y + r, 0.0),
        (x + far, y + far - r, bulge), (x + far - r, y + far, 0.0), (x + r, y + far, bulge),
        (x, y + far - r, 0.0), (x, y + r, bulge),
    ]  # fmt: skip
    space.add_lwpolyline(corners, format="xyb", close=True, dxfattribs={"layer": "PLOTS"})
    text = space.add_text(name, height=1.6, dxfattribs={"layer": "PLOTS"})
    text.set_placement((x + 2.5, y + far - 4.5))


def _north(space: Any, x: float, y: float) -> None:
    """An arrow within a circle."""
    space.add_circle((x, y), 7, dxfattribs={"layer": "STREETS"})
    arrow = space.add_hatch(color=250, dxfattribs={"layer": "STREETS"})
    arrow.paths.add_polyline_path([(x, y + 6), (x + 3, y - 5), (x, y - 3)], is_closed=True)
    space.add_text("N", height=4, dxfattribs={"layer": "STREETS"}).set_placement((x - 1.5, y + 9))
