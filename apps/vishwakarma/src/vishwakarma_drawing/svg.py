"""A picture of elements as SVG 1.1: a group for each layer, in units of the document.

https://www.w3.org/TR/SVG11/. The y axis of SVG points down: y is written as -y.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

from vishwakarma_api.v1 import shapes
from vishwakarma_api.v1.elements import Element, Layer
from vishwakarma_drawing.lines import arc_points, hatch_lines, sweep_of
from vishwakarma_drawing.markup import NOT_XML, attribute, number, paint, pair, scaled
from vishwakarma_drawing.surfaces import Surface, face_normal, sides_of, surface_of
from vishwakarma_drawing.views import PLAN, View

__all__ = ["svg_of"]

_LIGHT = (0.35, -0.6, 0.72)
_POINT = 3.0
_COARSE = 8  # flat sides of what is round and small
_SMALL = 0.03  # a solid of this part of the picture is painted at once
_EDGED = 0.008  # from this size on, its edges are drawn
_SHADES = 12  # of a small solid
# Who draws without a browser's list of substitutes takes the first of these that is installed.
_FONTS = "Arial, 'DejaVu Sans', 'Liberation Sans', 'Noto Sans', Helvetica, sans-serif"


class _Item(NamedTuple):
    """Something to paint: a path, or other markup where ``d`` is empty."""

    nearness: float
    layer: str
    d: str
    look: str


def svg_of(
    elements: Iterable[Element],
    layers: Mapping[str, Layer],
    *,
    view: View = PLAN,
    background: int | None = None,
    line_width: float = 0.0015,
    detail: float = 0.0,
) -> Iterator[str]:
    """The lines of an SVG document.

    Args:
        elements: what to draw; on hidden layers nothing is drawn.
        layers: layers by name.
        view: from where.
        background: 0xRRGGBBAA, or None for none.
        line_width: how wide lines are, as a part of the picture's larger side.
        detail: what need not be told apart, as a part of that side: solids that are smaller are
            left out, and outlines and numbers are simplified. 0 keeps all.

    Yields:
        Text without line ends.
    """
    shown = [one for one in elements if layers[one.layer].visible]
    drawing = _Drawing(shown, layers, view)
    left, top, width, height = drawing.frame()
    side = max(width, height)
    pen = line_width * side
    drawing.refine(side, detail)
    items = drawing.items(pen)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{number(left)} {number(top)} {number(width)} {number(height)}">'
    )
    if background is not None:
        size = f'width="{number(width)}" height="{number(height)}"'
        yield f'<rect x="{number(left)}" y="{number(top)}" {size} {paint("fill", background)}/>'
    style = (
        f'fill="none" stroke-width="{number(pen)}" stroke-linecap="round" stroke-linejoin="round"'
    )
    if view is PLAN:
        order = {name: index for index, name in enumerate(layers)}
        items.sort(key=lambda item: order[item.layer])
    else:
        items.sort(key=lambda item: item.nearness)
    if detail and view is not PLAN:  # neighbours are of other layers
        yield f"<g {style}>"
        yield from _markup(items, merged=False)
        yield "</g>"
    else:
        for layer, own in itertools.groupby(items, lambda item: item.layer):
            yield f"<g data-layer={attribute(layer)} {style}>"
            yield from _markup(own, merged=view is PLAN and bool(detail))
            yield "</g>"
    yield "</svg>"


def _markup(items: Iterable[_Item], *, merged: bool) -> Iterator[str]:
    """Items as markup; neighbours that look the same may become one path."""
    if not merged:
        for item in items:
            yield f'<path d="{item.d}" {item.look}/>' if item.d else item.look
        return
    for (is_path, look), run in itertools.groupby(items, lambda one: (bool(one.d), one.look)):
        if not is_path:
            for item in run:
                yield item.look
        elif "opacity" in look or "fill" in look:
            for item in run:
                yield f'<path d="{item.d}" {look}/>'
        else:
            ds = [item.d for item in run]
            for start in range(0, len(ds), 500):
                yield f'<path d="{"".join(ds[start : start + 500])}" {look}/>'


class _Drawing:
    def __init__(self, elements: list[Element], layers: Mapping[str, Layer], view: View) -> None:
        self.elements, self.layers, self.view = elements, layers, view
        self.nodes = {
            one.id: (one.shape.x, one.shape.y, one.shape.z)
            for one in elements
            if isinstance(one.shape, shapes.Node3D)
        }
        self.side = self.detail = 0.0
        self.digits = ".12g"

    def frame(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the picture, with a margin."""
        xs: list[float] = []
        ys: list[float] = []
        for element in self.elements:
            for x, y in self.outline(element.shape):
                xs.append(x)
                ys.append(-y)
        if not xs:
            return (0.0, 0.0, 100.0, 100.0)
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        margin = 0.04 * max(width, height) or 1.0
        return (min(xs) - margin, min(ys) - margin, width + 2 * margin, height + 2 * margin)

    def refine(self, side: float, detail: float) -> None:
        """Say how large the picture is, and what need not be told apart.

        Args:
            side: the larger side.
            detail: a part of it.
        """
        self.side, self.detail = side, detail * side
        if detail:
            self.digits = f".{max(0, 1 - math.floor(math.log10(self.detail)))}f"

    def surface(self, shape: shapes.Shape) -> Surface | None:
        """The surface of a solid, as far as it can be seen; None for what has none."""
        if self.detail:
            if isinstance(shape, _ROUND) and 2 * getattr(shape, "radius", 0.0) < 0.008 * self.side:
                return surface_of(shape, _COARSE)
            if isinstance(shape, shapes.Extrusion3D) and len(shape.points) > 8:
                return surface_of(shape.replace(points=_simplified(shape.points, self.detail)))
        return surface_of(shape)

    def pair(self, x: float, y: float) -> str:
        """A point of the paper."""
        return f"{x + 0.0:{self.digits}},{0.0 - y:{self.digits}}"

    def outline(self, shape: shapes.Shape) -> list[tuple[float, float]]:
        """Points around an element, on the paper."""
        sides = sides_of(shape)
        if sides is not None:
            return list(self.view.bounds(*sides))
        return [self.view.place(*one) for one in self.points(shape)]

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
            sides = sides_of(element.shape)
            if sides is not None and self.detail:
                (left, low), (right, high) = self.view.bounds(*sides)
                if max(right - left, high - low) < self.detail:
                    continue
            surface = None if sides is None else self.surface(element.shape)
            if surface is not None:
                if self.view is PLAN and type(element.shape) in _ROUND:
                    markup = "".join(_circles(element.shape, paint("stroke", color)))
                    found.append(_Item(0.0, element.layer, "", markup))
                else:
                    found.extend(self.faces(element, surface, color))
                continue
            points = self.points(element.shape)
            if not points:
                continue
            if self.view is not PLAN and isinstance(element.shape, _WIRES):
                found.extend(self.wire(element, points, paint("stroke", color)))
                continue
            nearness = min(self.view.nearness(*one) for one in points)
            found.extend(
                _Item(nearness, element.layer, d, look)
                for d, look in self.flat(element.shape, points, color, pen)
            )
        return found

    def faces(self, element: Element, surface: Surface, color: int) -> Iterator[_Item]:
        """The faces of a solid, shaded; only their edges from above.

        They are painted from the back to the front, each where its farthest corner is: a floor
        before what stands on it. Faces that go through each other come out wrong. Of a solid of
        ours, which is closed, what looks away is not seen. The faces of a small solid are painted
        at once.
        """
        vertices, view = surface.vertices, self.view
        placed = [view.place(*one) for one in vertices]
        extent = _extent(placed)
        points = [self.pair(*one) for one in placed]
        closed = color & 0xFF == 0xFF and not isinstance(element.shape, shapes.Mesh3D)
        if view is PLAN:
            stroke = paint("stroke", color)
            for face in surface.faces:
                if closed and face_normal([vertices[one] for one in face])[2] <= 0:
                    continue
                yield _Item(
                    0.0, element.layer, f"M{' '.join([points[one] for one in face])}Z", stroke
                )
            return
        near = [view.nearness(*one) for one in vertices]
        edges = not isinstance(element.shape, _ROUND)
        small = bool(self.detail) and closed and extent < _SMALL * self.side
        seen: list[tuple[float, str, int]] = []
        for face in surface.faces:
            normal = face_normal([vertices[one] for one in face])
            if closed and view.nearness(*normal) <= 0:
                continue
            nearness = min([near[one] for one in face])
            d = f"M{' '.join([points[one] for one in face])}Z"
            seen.append((nearness, d, _shaded(color, normal, _SHADES if small else 0)))
        if small and seen:
            seen.sort(key=lambda one: one[0])
            nearness = min(near)
            large = extent > _EDGED * self.side
            for shade, run in itertools.groupby(seen, lambda one: one[2]):
                # Edges would be all that one sees of it.
                look = _look(color, shade, edges=edges) if large else paint("fill", shade)
                yield _Item(nearness, element.layer, "".join([one[1] for one in run]), look)
            return
        for nearness, d, shade in seen:
            yield _Item(nearness, element.layer, d, _look(color, shade, edges=edges))

    def wire(
        self, element: Element, points: list[tuple[float, ...]], stroke: str
    ) -> Iterator[_Item]:
        """Lines in space, in pieces: one that is long may be in front of this and behind that."""
        if getattr(element.shape, "closed", False):
            points = [*points, points[0]]
        extent = _extent([self.view.place(*one) for one in points])
        if self.detail and extent < _SMALL * self.side:
            nearness = min(self.view.nearness(*one) for one in points)
            yield _Item(nearness, element.layer, f"M{self.path(points)}", stroke)
            return
        for a, b in itertools.pairwise(points):
            steps = [
                tuple(p + (q - p) * i / _PIECES for p, q in zip(a, b, strict=True))
                for i in range(_PIECES + 1)
            ]
            for start, end in itertools.pairwise(steps):
                nearness = min(self.view.nearness(*start), self.view.nearness(*end))
                yield _Item(nearness, element.layer, f"M{self.path([start, end])}", stroke)

    def flat(
        self, shape: shapes.Shape, points: list[tuple[float, ...]], color: int, pen: float
    ) -> Iterator[tuple[str, str]]:
        """What is drawn with lines, areas and text: paths, or other markup without one."""
        stroke, fill = paint("stroke", color), paint("fill", color)
        place = self.view.place
        match shape:
            case shapes.Point2D() | shapes.Node3D():
                x, y = place(*points[0])
                r = number(_POINT * pen)
                yield "", f'<circle cx="{number(x)}" cy="{number(-y)}" r="{r}" {fill}/>'
            case shapes.Circle2D() if self.view is PLAN:
                r = number(shape.radius)
                yield (
                    "",
                    f'<circle cx="{number(shape.x)}" cy="{number(-shape.y)}" r="{r}" {stroke}/>',
                )
            case shapes.Arc2D() if self.view is PLAN and sweep_of(shape) < 360:
                large = int(sweep_of(shape) > 180)
                r = number(shape.radius)
                first, last = pair(*points[0]), pair(*points[-1])
                yield f"M{first} A{r} {r} 0 {large} 0 {last}", stroke
            case shapes.Text2D():
                yield "", self.text(shape, fill)
            case shapes.Polygon2D():
                yield f"M{self.path(points)}Z", f'{fill} fill-rule="evenodd"'
            case shapes.Hatch2D():
                lines = hatch_lines(shape)
                if lines is None:
                    faint = paint("fill", (color & ~0xFF) | (color & 0xFF) // 3)
                    yield f"M{self.path(points)}Z", f'{faint} fill-rule="evenodd"'
                elif lines:
                    d = "".join(f"M{self.path(list(line))}" for line in lines)
                    yield d, stroke
            case _:
                closed = "Z" if getattr(shape, "closed", False) else ""
                yield f"M{self.path(points)}{closed}", stroke

    def path(self, points: list[tuple[float, ...]]) -> str:
        """Points on the paper, as a path has them."""
        return " ".join([self.pair(*self.view.place(*one)) for one in points])

    def text(self, shape: shapes.Text2D, fill: str) -> str:
        """Text along its base line, as the view distorts it. Capitals are 0.7 of a font's size."""
        x, y = self.view.place(shape.x, shape.y)
        turn = math.radians(shape.rotation)
        right = self.view.place(math.cos(turn), math.sin(turn))
        up = self.view.place(-math.sin(turn), math.cos(turn))
        matrix = " ".join(number(one) for one in (right[0], -right[1], -up[0], up[1], x, -y))
        words = escape(NOT_XML.sub("\ufffd", shape.text))
        size = number(shape.height / 0.7)
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
            yield f'<circle cx="{number(x)}" cy="{number(-y)}" r="{number(radius)}" {stroke}/>'


def _extent(points: list[tuple[float, float]]) -> float:
    """The larger side of the rectangle around points of the paper."""
    xs, ys = zip(*points, strict=True)
    return float(max(max(xs) - min(xs), max(ys) - min(ys)))


def _simplified(points: Iterable[tuple[float, float]], near: float) -> list[tuple[float, float]]:
    """An outline without the points that are nearer than that to the one before."""
    every = list(points)
    found = every[:1]
    for one in every[1:]:
        if abs(one[0] - found[-1][0]) + abs(one[1] - found[-1][1]) >= near:
            found.append(one)
    return found if len(found) > 2 else every


def _look(color: int, shade: int, *, edges: bool) -> str:
    edge = paint("stroke", scaled(color, 0.45) if edges else shade)
    return f"{paint('fill', shade)} {edge}"


def _shaded(color: int, normal: tuple[float, float, float], shades: int) -> int:
    """A colour as the light falls on it; in steps, if ``shades`` says how many."""
    x, y, z = normal
    length = math.sqrt(x * x + y * y + z * z)
    if not length or not math.isfinite(length):
        return color
    light = max(-0.4, (x * _LIGHT[0] + y * _LIGHT[1] + z * _LIGHT[2]) / length)
    if shades:
        light = round(light * shades) / shades
    return scaled(color, 0.62 + 0.38 * light)
