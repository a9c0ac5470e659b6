"""A picture of elements as SVG 1.1: a group for each layer, in units of the document.

https://www.w3.org/TR/SVG11/. The y axis of SVG points down: y is written as -y.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.elements import Element, Layer
from vishwakarma_drawing.lines import arc_points, hatch_lines, sweep_of
from vishwakarma_drawing.surfaces import Surface, face_normal, surface_of
from vishwakarma_drawing.views import PLAN, View

__all__ = ["svg_of"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIGHT = (0.35, -0.6, 0.72)
_POINT = 3.0
# Who draws without a browser's list of substitutes takes the first of these that is installed.
_FONTS = "Arial, 'DejaVu Sans', 'Liberation Sans', 'Noto Sans', Helvetica, sans-serif"


class _Item(NamedTuple):
    nearness: float
    layer: str
    markup: str


def svg_of(
    elements: Iterable[Element],
    layers: Mapping[str, Layer],
    *,
    view: View = PLAN,
    background: int | None = None,
    line_width: float = 0.0015,
) -> Iterator[str]:
    """The lines of an SVG document.

    Args:
        elements: what to draw; on hidden layers nothing is drawn.
        layers: layers by name.
        view: from where.
        background: 0xRRGGBBAA, or None for none.
        line_width: how wide lines are, as a part of the picture's larger side.

    Yields:
        Text without line ends.
    """
    shown = [one for one in elements if layers[one.layer].visible]
    drawing = _Drawing(shown, layers, view)
    left, top, width, height = drawing.frame()
    pen = line_width * max(width, height)
    items = drawing.items(pen)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}">'
    )
    if background is not None:
        size = f'width="{_n(width)}" height="{_n(height)}"'
        yield f'<rect x="{_n(left)}" y="{_n(top)}" {size} {_paint("fill", background)}/>'
    style = f'fill="none" stroke-width="{_n(pen)}" stroke-linecap="round" stroke-linejoin="round"'
    if view is PLAN:
        order = {name: index for index, name in enumerate(layers)}
        items.sort(key=lambda item: order[item.layer])
    else:
        items.sort(key=lambda item: item.nearness)
    layer = None
    for item in items:
        if item.layer != layer:
            if layer is not None:
                yield "</g>"
            layer = item.layer
            yield f"<g data-layer={_attribute(layer)} {style}>"
        yield item.markup
    if layer is not None:
        yield "</g>"
    yield "</svg>"


class _Drawing:
    def __init__(self, elements: list[Element], layers: Mapping[str, Layer], view: View) -> None:
        self.elements, self.layers, self.view = elements, layers, view
        self.nodes = {
            one.id: (one.shape.x, one.shape.y, one.shape.z)
            for one in elements
            if isinstance(one.shape, shapes.Node3D)
        }
        self.surfaces = {one.id: surface_of(one.shape) for one in elements}

    def frame(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the picture, with a margin."""
        xs: list[float] = []
        ys: list[float] = []
        for element in self.elements:
            for x, y in self.outline(element):
                xs.append(x)
                ys.append(-y)
        if not xs:
            return (0.0, 0.0, 100.0, 100.0)
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        margin = 0.04 * max(width, height) or 1.0
        return (min(xs) - margin, min(ys) - margin, width + 2 * margin, height + 2 * margin)

    def outline(self, element: Element) -> list[tuple[float, float]]:
        """Points around an element, on the paper."""
        place, shape = self.view.place, element.shape
        surface = self.surfaces[element.id]
        if surface is not None:
            return [place(*one) for one in surface.vertices]
        return [place(*one) for one in self.points(shape)]

    def points(self, shape: shapes.Shape) -> list[tuple[float, ...]]:
        """Points of what is drawn with lines, in the model."""
        match shape:
            case shapes.Point2D():
                return [(shape.x, shape.y)]
            case shapes.Line2D():
                return [(shape.x1, shape.y1), (shape.x2, shape.y2)]
            case shapes.Polyline2D() | shapes.Polygon2D() | shapes.Hatch2D():
                return list(shape.points)
            case shapes.Polyline3D():
                return list(shape.points)
            case shapes.Arc2D():
                return [*arc_points(shape.x, shape.y, shape.radius, shape.start, sweep_of(shape))]
            case shapes.Circle2D():
                return [*arc_points(shape.x, shape.y, shape.radius)]
            case shapes.Node3D():
                return [(shape.x, shape.y, shape.z)]
            case shapes.Member3D():
                ends = (self.nodes.get(shape.start), self.nodes.get(shape.end))
                return [end for end in ends if end is not None]
            case shapes.Text2D():
                width, turn = 0.65 * shape.height * len(shape.text), math.radians(shape.rotation)
                cos, sin = math.cos(turn), math.sin(turn)
                return [
                    (shape.x + cos * u - sin * v, shape.y + sin * u + cos * v)
                    for u in (0.0, width)
                    for v in (0.0, shape.height)
                ]
            case _:
                return []

    def items(self, pen: float) -> list[_Item]:
        """Everything as markup, with how near it is."""
        found: list[_Item] = []
        for element in self.elements:
            color = element.color
            if color is None:
                color = self.layers[element.layer].color
            surface = self.surfaces[element.id]
            if surface is not None:
                if self.view is PLAN and type(element.shape) in _ROUND:
                    markup = "".join(_circles(element.shape, _paint("stroke", color)))
                    found.append(_Item(0.0, element.layer, markup))
                else:
                    found.extend(self.faces(element, surface, color))
                continue
            points = self.points(element.shape)
            if not points:
                continue
            if self.view is not PLAN and isinstance(element.shape, _WIRES):
                found.extend(self.wire(element, points, _paint("stroke", color)))
                continue
            nearness = min(self.view.nearness(*one) for one in points)
            found.extend(
                _Item(nearness, element.layer, markup)
                for markup in self.flat(element.shape, points, color, pen)
            )
        return found

    def faces(self, element: Element, surface: Surface, color: int) -> Iterator[_Item]:
        """The faces of a solid, shaded; only their edges from above.

        They are painted from the back to the front, each where its farthest corner is: a floor
        before what stands on it. Faces that go through each other come out wrong. Of a solid of
        ours, which is closed, what looks away is not seen.
        """
        vertices = surface.vertices
        closed = color & 0xFF == 0xFF and not isinstance(element.shape, shapes.Mesh3D)
        edges = not isinstance(element.shape, _ROUND)
        for face in surface.faces:
            corners = [vertices[one] for one in face]
            d = " ".join(_pair(*self.view.place(*one)) for one in corners)
            if self.view is PLAN:
                yield _Item(0.0, element.layer, f'<path d="M{d}Z" {_paint("stroke", color)}/>')
                continue
            if closed and self.view.nearness(*face_normal(corners)) <= 0:
                continue
            nearness = min(self.view.nearness(*one) for one in corners)
            shade = _shaded(color, corners)
            edge = _paint("stroke", _scaled(color, 0.45) if edges else shade)
            markup = f'<path d="M{d}Z" {_paint("fill", shade)} {edge}/>'
            yield _Item(nearness, element.layer, markup)

    def wire(
        self, element: Element, points: list[tuple[float, ...]], stroke: str
    ) -> Iterator[_Item]:
        """Lines in space, in pieces: one that is long may be in front of this and behind that."""
        if getattr(element.shape, "closed", False):
            points = [*points, points[0]]
        for a, b in itertools.pairwise(points):
            steps = [
                tuple(p + (q - p) * i / _PIECES for p, q in zip(a, b, strict=True))
                for i in range(_PIECES + 1)
            ]
            for start, end in itertools.pairwise(steps):
                nearness = min(self.view.nearness(*start), self.view.nearness(*end))
                markup = f'<path d="M{self.path([start, end])}" {stroke}/>'
                yield _Item(nearness, element.layer, markup)

    def flat(
        self, shape: shapes.Shape, points: list[tuple[float, ...]], color: int, pen: float
    ) -> Iterator[str]:
        """The markup of what is drawn with lines, areas and text."""
        stroke, fill = _paint("stroke", color), _paint("fill", color)
        place = self.view.place
        match shape:
            case shapes.Point2D() | shapes.Node3D():
                x, y = place(*points[0])
                yield f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(_POINT * pen)}" {fill}/>'
            case shapes.Circle2D() if self.view is PLAN:
                r = _n(shape.radius)
                yield f'<circle cx="{_n(shape.x)}" cy="{_n(-shape.y)}" r="{r}" {stroke}/>'
            case shapes.Arc2D() if self.view is PLAN and sweep_of(shape) < 360:
                large = int(sweep_of(shape) > 180)
                r = _n(shape.radius)
                first, last = _pair(*points[0]), _pair(*points[-1])
                yield f'<path d="M{first} A{r} {r} 0 {large} 0 {last}" {stroke}/>'
            case shapes.Text2D():
                yield self.text(shape, fill)
            case shapes.Polygon2D():
                yield f'<path d="M{self.path(points)}Z" {fill} fill-rule="evenodd"/>'
            case shapes.Hatch2D():
                lines = hatch_lines(shape)
                if lines is None:
                    faint = _paint("fill", (color & ~0xFF) | (color & 0xFF) // 3)
                    yield f'<path d="M{self.path(points)}Z" {faint} fill-rule="evenodd"/>'
                elif lines:
                    d = "".join(f"M{self.path(list(line))}" for line in lines)
                    yield f'<path d="{d}" {stroke}/>'
            case _:
                closed = "Z" if getattr(shape, "closed", False) else ""
                yield f'<path d="M{self.path(points)}{closed}" {stroke}/>'

    def path(self, points: list[tuple[float, ...]]) -> str:
        """Points on the paper, as a path has them."""
        return " ".join(_pair(*self.view.place(*one)) for one in points)

    def text(self, shape: shapes.Text2D, fill: str) -> str:
        """Text along its base line, as the view distorts it. Capitals are 0.7 of a font's size."""
        x, y = self.view.place(shape.x, shape.y)
        turn = math.radians(shape.rotation)
        right = self.view.place(math.cos(turn), math.sin(turn))
        up = self.view.place(-math.sin(turn), math.cos(turn))
        matrix = " ".join(_n(one) for one in (right[0], -right[1], -up[0], up[1], x, -y))
        words = escape(_NOT_XML.sub("\ufffd", shape.text))
        size = _n(shape.height / 0.7)
        return (
            f'<text transform="matrix({matrix})" font-family="{_FONTS}" font-size="{size}" '
            f'xml:space="preserve" {fill}>{words}</text>'
        )


_PIECES = 8
_WIRES = (shapes.Member3D, shapes.Polyline3D)
_ROUND = (shapes.Cylinder3D, shapes.Cone3D, shapes.Sphere3D)


def _circles(shape: shapes.Shape, stroke: str) -> Iterator[str]:
    """What is round, from above."""
    for name in ("radius", "top"):
        if radius := getattr(shape, name, 0.0):
            x, y = getattr(shape, "x", 0.0), getattr(shape, "y", 0.0)
            yield f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(radius)}" {stroke}/>'


def _n(value: float) -> str:
    return f"{value + 0.0:.12g}"


def _pair(x: float, y: float) -> str:
    return f"{_n(x)},{_n(-y)}"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def _paint(what: str, color: int) -> str:
    opacity = color & 0xFF
    solid = f'{what}="#{color >> 8:06x}"'
    return solid if opacity == 0xFF else f'{solid} {what}-opacity="{opacity / 255:.4g}"'


def _scaled(color: int, factor: float) -> int:
    red, green, blue = (min(255, int(((color >> shift) & 0xFF) * factor)) for shift in (24, 16, 8))
    return red << 24 | green << 16 | blue << 8 | color & 0xFF


def _shaded(color: int, corners: list[tuple[float, float, float]]) -> int:
    normal = face_normal(corners)
    length = math.sqrt(sum(one * one for one in normal))
    if not length or not math.isfinite(length):
        return color
    light = sum(one * to for one, to in zip(normal, _LIGHT, strict=True)) / length
    return _scaled(color, 0.62 + 0.38 * max(-0.4, light))
