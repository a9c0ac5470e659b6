"""What one page has been shown of the document, and what it has to be shown next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from vishwakarma_api.v1.elements import Layer
from vishwakarma_api.v1.shapes import BlockInstance, Member3D
from vishwakarma_app.document import Document, Element, Geometry
from vishwakarma_app.web.frames import LAST, RESET, frame_of
from vishwakarma_app.web.pieces import Piece, piece_of

__all__ = ["Showing"]

_MOST_VERTICES = 150_000
_MOST_PIECES = 5_000

_Looks: TypeAlias = tuple[Element, Geometry | None, tuple[tuple[int, Element], ...]]
"""The objects that decide what an element looks like: itself, what a block drew, and others."""


class Showing:
    """What a page has been shown.

    Elements, layers and geometry are values that are replaced and never changed: what is the same
    object looks as it did, so that after a change only what is different goes to the page.
    """

    def __init__(self) -> None:
        self._document: Document | None = None
        self._revision = -1
        self._layers: Mapping[str, Layer] = {}
        self._shown: dict[int, _Looks] = {}
        self._stale: dict[int, None] = {}
        self._gone: list[int] = []
        self._reset = False

    def next_frame(self, document: Document, revision: int) -> bytes | None:
        """The next part of what is different, at most some megabytes; None when nothing is.

        Args:
            document: what to show.
            revision: another number whenever the document may have changed.
        """
        if document is not self._document:
            self._document, self._revision = document, -1
            self._shown, self._layers, self._reset = {}, {}, True
        if revision != self._revision:
            self._compare(document)
            self._revision = revision
        if not (self._stale or self._gone or self._reset):
            return None
        pieces: list[tuple[int, Piece]] = []
        vertices = 0
        while self._stale and vertices < _MOST_VERTICES and len(pieces) < _MOST_PIECES:
            number = next(iter(self._stale))
            del self._stale[number]
            element = document[number]
            piece = piece_of(document, element)
            self._shown[number] = self._looks(document, element)
            vertices += len(piece.colors)
            pieces.append((number, piece))
        flags = (RESET if self._reset else 0) | (0 if self._stale else LAST)
        gone, self._gone, self._reset = self._gone, [], False
        return frame_of(gone, pieces, flags)

    def _compare(self, document: Document) -> None:
        """Find what looks different from what was shown."""
        layers = dict(document.layers)
        recolored = {name for name, layer in layers.items() if layer != self._layers.get(name)}
        self._layers = layers
        hidden = {name for name, layer in layers.items() if not layer.visible}
        self._stale = {}
        seen = 0
        for element in document:
            if element.layer in hidden or element.kind == "group":
                continue
            known = self._shown.get(element.id)
            if known is None:
                self._stale[element.id] = None
                continue
            seen += 1
            before, geometry, others = known
            if (
                before is not element
                or geometry is not document.geometry(element.id)
                or element.layer in recolored
                or any(document[number] is not other for number, other in others)
            ):
                self._stale[element.id] = None
        if seen < len(self._shown):
            self._gone += [
                number
                for number in self._shown
                if number not in document or document[number].layer in hidden
            ]
            for number in self._gone:
                self._shown.pop(number, None)

    @staticmethod
    def _looks(document: Document, element: Element) -> _Looks:
        shape = element.shape
        others: list[tuple[int, Element]] = []
        if isinstance(shape, BlockInstance):
            above = element
            while above.parent:  # it stands in the coordinates of what it belongs to
                above = document[above.parent]
                others.append((above.id, above))
        elif isinstance(shape, Member3D):
            others = [(number, document[number]) for number in (shape.start, shape.end)]
        return element, document.geometry(element.id), tuple(others)
