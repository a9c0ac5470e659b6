"""An open transaction: every way to change a document, each checked before anything changes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from vishwakarma_api.v1.fields import check_name, check_text
from vishwakarma_api.v1.shapes import Shape
from vishwakarma_app.document.changes import Change, Changes, What
from vishwakarma_app.document.dependencies import find_circle
from vishwakarma_app.document.elements import (
    DEFAULT_LAYER,
    Definition,
    Element,
    Layer,
    unit_in_metres,
)
from vishwakarma_app.errors import DocumentError

if TYPE_CHECKING:
    from vishwakarma_app.document.document import Document

__all__ = ["MOST_ELEMENTS", "MOST_LAYERS", "Edit"]

MOST_ELEMENTS = 5_000_000
MOST_LAYERS = 10_000
MOST_BLOCKS = 10_000
MOST_SOURCE = 1 << 20
DEEPEST = 64
"""How far from the document an element may be that gets children: looking upwards is bounded."""

_KEEP: Any = ...


class Edit:
    """The changes of one transaction. Made by :meth:`Document.transaction`.

    What a method refuses has changed nothing; the transaction may go on.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._changes = Changes()
        self._closed = False

    def close(self) -> Changes:
        """End it: no more edits. What was done so far."""
        self._closed = True
        return self._changes

    # -- elements

    def create(
        self,
        shape: Shape,
        *,
        parent: int = 0,
        layer: str = DEFAULT_LAYER,
        color: int | None = None,
        id: int | None = None,  # noqa: A002 - an element's id is called id
    ) -> int:
        """Add an element; its id.

        Args:
            shape: what it looks like.
            parent: the element that it belongs to; 0 is the document.
            layer: the name of a layer that is there.
            color: 0xRRGGBBAA, or None for the layer's.
            id: one of those that ``reserve_ids`` gave and that was not used yet; by default the
                next one.

        Raises:
            DocumentError: something is wrong with it.
        """
        document = self._usable()
        if len(document) >= MOST_ELEMENTS:
            raise DocumentError(f"the document is full: it has {MOST_ELEMENTS} elements")
        if id is None:
            id = document.reserve_ids(1)[0]  # noqa: A001
        elif id in document or id >= document.next_id:
            raise DocumentError(f"element {id}: this id was not reserved, or is in use")
        try:
            element = Element(id, shape, parent, layer, color)
        except ValueError as error:
            raise DocumentError(str(error)) from None
        self._check_surroundings(element)
        self._change("element", id, None, element)
        return id

    def update(
        self,
        id: int,  # noqa: A002
        *,
        shape: Shape | None = None,
        parent: int = _KEEP,
        layer: str = _KEEP,
        color: int | None = _KEEP,
        **fields: Any,
    ) -> None:
        """Change an element: its place, its look, or single fields of its shape.

        Args:
            id: the element.
            shape: another shape, of the same kind.
            parent: another parent.
            layer: another layer.
            color: another colour, or None for the layer's.
            fields: new values for fields of its shape.

        Raises:
            DocumentError: something is wrong with it; nothing has changed.
        """
        before = self._usable()[id]
        after = shape or before.shape
        if after.kind != before.kind:
            raise DocumentError(
                f"element {id} is a {before.kind}, and cannot become a {after.kind}"
            )
        try:
            after = after.replace(**fields) if fields else after
        except ValueError as error:
            raise DocumentError(f"element {id}: {error}") from None
        try:
            element = dataclasses.replace(
                before,
                shape=after,
                parent=before.parent if parent is _KEEP else parent,
                layer=before.layer if layer is _KEEP else layer,
                color=before.color if color is _KEEP else color,
            )
        except ValueError as error:
            raise DocumentError(str(error)) from None
        if element == before:
            return
        self._check_surroundings(element)
        self._change("element", id, before, element)

    def delete(self, id: int) -> int:  # noqa: A002
        """Remove an element and all that belongs to it; how many elements that were.

        Raises:
            DocumentError: it is not there, or something else needs one of them (a member its
                nodes).
        """
        document = self._usable()
        document[id]
        doomed = [id]
        for one in doomed:
            doomed.extend(document._children.get(one, ()))
        gone = set(doomed)
        for one in doomed:
            for other in document._referrers.get(one, ()):
                if other not in gone:
                    raise DocumentError(
                        f"element {one} cannot be deleted: element {other} "
                        f"({document[other].kind}) needs it; delete that one first"
                    )
        for one in reversed(doomed):
            self._change("element", one, document[one], None)
        return len(doomed)

    # -- layers, units, blocks

    def set_layer(self, name: str, *, color: int = _KEEP, visible: bool = _KEEP) -> None:
        """Add a layer, or change the one with this name.

        Raises:
            DocumentError: a value is wrong, or there are too many layers.
        """
        layers = self._usable().layers
        before = layers.get(name)
        if before is None and len(layers) >= MOST_LAYERS:
            raise DocumentError(f"the document has {MOST_LAYERS} layers already")
        try:
            after = before or Layer(name)
            if color is not _KEEP:
                after = dataclasses.replace(after, color=color)
            if visible is not _KEEP:
                after = dataclasses.replace(after, visible=visible)
        except ValueError as error:
            raise DocumentError(str(error)) from None
        if after != before:
            self._change("layer", name, before, after)

    def delete_layer(self, name: str) -> None:
        """Remove a layer that is empty.

        Raises:
            DocumentError: it is not there, not empty, or the one that every document has.
        """
        document = self._usable()
        if name not in document.layers:
            raise DocumentError(f"there is no layer {name[:40]!r}")
        if name == DEFAULT_LAYER or document._by_layer.get(name):
            raise DocumentError(f"layer {name!r} stays: it is not empty, or the default one")
        self._change("layer", name, document.layers[name], None)

    def set_unit(self, unit: str) -> None:
        """Say which unit the numbers are in; they stay as they are.

        Raises:
            DocumentError: there is no such unit.
        """
        unit_in_metres(unit)
        before = self._usable().unit
        if unit != before:
            self._change("unit", None, before, unit)

    def set_block(self, name: str, source: str | None, *, publisher: str = "") -> None:
        """Define a block by its source, or remove a definition that nothing uses (None).

        Args:
            name: of the block.
            source: its script, which the document does not look into.
            publisher: who wrote it; empty: the document itself.

        Raises:
            DocumentError: a name or a text is wrong, or an instance needs the definition.
        """
        document = self._usable()
        try:
            check_name(name)
            if source is not None:
                check_text(source, MOST_SOURCE)
            if publisher:
                check_name(publisher)
        except ValueError as error:
            raise DocumentError(f"block {str(name)[:40]!r} {error}") from None
        before = document.blocks.get(name)
        if before is None and len(document.blocks) >= MOST_BLOCKS:
            raise DocumentError(f"the document has {MOST_BLOCKS} blocks already")
        if source is None:
            for one in document.query(kind="block"):
                if getattr(one.shape, "block", None) == name:
                    raise DocumentError(f"block {name!r} stays: element {one.id} is one")
        after = None if source is None else Definition(source, publisher)
        if after != before:
            self._change("block", name, before, after)

    # -- what they share

    def _usable(self) -> Document:
        if self._closed:
            raise DocumentError("this transaction has ended")
        return self._document

    def _change(self, what: What, key: object, before: object, after: object) -> None:
        self._document._put(what, key, after)
        self._changes.append(Change(what, key, before, after))

    def _check_surroundings(self, element: Element) -> None:
        document = self._document
        if element.layer not in document._layers:
            raise DocumentError(f"element {element.id}: there is no layer {element.layer!r}")
        if element.parent and element.parent not in document:
            raise DocumentError(f"element {element.id}: its parent {element.parent} is not there")
        self._check_ancestors(element)
        wanted = element.shape.refers_to_kind
        for other in element.shape.refers_to():
            if other not in document or document[other].kind != wanted:
                raise DocumentError(f"element {element.id}: {other} is no {wanted}")
        circle = find_circle(document._elements, element)
        if circle:
            raise DocumentError(
                f"element {element.id}: these blocks would depend on each other in a circle: "
                + " -> ".join(map(str, circle))
            )

    def _check_ancestors(self, element: Element) -> None:
        above = element.parent
        for _ in range(DEEPEST):
            if not above:
                return
            if above == element.id:
                raise DocumentError(f"element {element.id}: it would be its own ancestor")
            above = self._document[above].parent
        raise DocumentError(f"element {element.id}: its parent is {DEEPEST} levels deep already")
