"""The document: what is read from it, and how it goes from one state to the next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from vishwakarma_api.v1.fields import Transform
from vishwakarma_api.v1.shapes import SHAPES, BlockInstance, Member3D
from vishwakarma_app.document.bounds import box_of, composed, placed
from vishwakarma_app.document.changes import Change, Changes, What
from vishwakarma_app.document.dependencies import find_any_circle
from vishwakarma_app.document.elements import (
    DEFAULT_LAYER,
    Box,
    Definition,
    Element,
    Geometry,
    Layer,
    unit_in_metres,
)
from vishwakarma_app.document.transaction import Edit
from vishwakarma_app.errors import DocumentError

__all__ = ["Document"]

_MOST_NESTED = 200  # block instances: a file may have more, and each of them would look through all


class Document:
    """Elements in a tree, on layers, in a unit of length.

    It is changed in transactions only (:meth:`transaction`), which happen whole or not at all and
    can be undone. An id is never used twice: not after a deletion, an undo or a failure. One thread
    may use it at a time.

    Args:
        unit: the unit of length; see ``UNITS``.
        undo_steps: how many transactions can be undone.

    Raises:
        DocumentError: there is no such unit.
    """

    def __init__(self, unit: str = "mm", *, undo_steps: int = 100) -> None:
        unit_in_metres(unit)
        self._elements: dict[int, Element] = {}
        self._layers: dict[str, Layer] = {DEFAULT_LAYER: Layer(DEFAULT_LAYER)}
        self._unit = unit
        self._blocks: dict[str, Definition] = {}
        self._geometry: dict[int, Geometry] = {}
        self._selection: tuple[int, ...] = ()
        self._next_id = 1
        self._children: dict[int, dict[int, None]] = {}
        self._by_kind: dict[str, dict[int, None]] = {}
        self._by_layer: dict[str, dict[int, None]] = {}
        self._referrers: dict[int, dict[int, None]] = {}
        self._boxes: dict[int, Box | None] = {}
        self._open: Edit | None = None
        self._undo_steps = undo_steps
        self._results = b""
        self._watchers: list[Callable[[What, object], None]] = []
        self._undo: list[tuple[str, Changes]] = []
        self._redo: list[tuple[str, Changes]] = []

    @classmethod
    def restored(
        cls,
        *,
        unit: str,
        next_id: int,
        layers: Iterable[Layer],
        blocks: Mapping[str, Definition],
        elements: Iterable[Element],
        results: bytes = b"",
    ) -> Document:
        """A document with this content, as it was saved; nothing to undo.

        Raises:
            DocumentError: the parts contradict each other.
        """
        document = cls(unit)
        document._layers |= {layer.name: layer for layer in layers}
        document._blocks.update(blocks)
        document._next_id = next_id
        for element in elements:
            document._put_element(element.id, element)
        document.check_consistent()
        document.keep_results(results)
        return document

    # -- what is there

    def __len__(self) -> int:
        return len(self._elements)

    def __contains__(self, id: object) -> bool:  # noqa: A002 - an element's id is called id
        return id in self._elements

    def __iter__(self) -> Iterator[Element]:
        return iter(self._elements.values())

    def __getitem__(self, id: int) -> Element:  # noqa: A002
        """The element with this id.

        Raises:
            DocumentError: there is none.
        """
        try:
            return self._elements[id]
        except KeyError:
            raise DocumentError(f"there is no element {id}") from None

    @property
    def layers(self) -> Mapping[str, Layer]:
        """Layers by name."""
        return MappingProxyType(self._layers)

    @property
    def unit(self) -> str:
        """The unit of length."""
        return self._unit

    @property
    def blocks(self) -> Mapping[str, Definition]:
        """Definitions of blocks by name. The document does not run them."""
        return MappingProxyType(self._blocks)

    @property
    def selection(self) -> tuple[int, ...]:
        """Ids of what is selected; not a part of what is saved or undone."""
        return self._selection

    @property
    def next_id(self) -> int:
        """The smallest id that was never given to anybody."""
        return self._next_id

    def select(self, ids: Iterable[int]) -> None:
        """Select these elements and no others.

        Raises:
            DocumentError: one is not there.
        """
        chosen = tuple(dict.fromkeys(ids))
        for one in chosen:
            self[one]
        self._selection = chosen

    def children(self, parent: int = 0) -> tuple[int, ...]:
        """Ids of the elements that belong to ``parent``, in the order of their creation."""
        return tuple(sorted(self._children.get(parent, ())))

    def color_of(self, element: Element) -> int:
        """The colour to draw an element in: its own, or its layer's."""
        return self._layers[element.layer].color if element.color is None else element.color

    def query(
        self,
        parent: int | None = None,
        *,
        kind: str | None = None,
        layer: str | None = None,
        box: Box | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Element]:
        """Elements that meet all conditions, by rising id.

        Args:
            parent: only what belongs directly to it; 0 is the document, None is anywhere.
            kind: only shapes of this kind.
            layer: only what is on this layer.
            box: only what has a place (:meth:`box`) that meets this box.
            after: only ids greater than this one: to go on where a ``limit`` ended.
            limit: at most so many.

        Raises:
            DocumentError: the parent, kind or layer does not exist.
        """
        pools: list[Mapping[int, object]] = [self._elements]
        if parent is not None:
            if parent:
                self[parent]
            pools.append(self._children.get(parent, {}))
        if kind is not None:
            if kind not in SHAPES:
                raise DocumentError(f"no kind {kind[:40]!r}; there are {', '.join(SHAPES)}")
            pools.append(self._by_kind.get(kind, {}))
        if layer is not None:
            if layer not in self._layers:
                raise DocumentError(f"there is no layer {layer[:40]!r}")
            pools.append(self._by_layer.get(layer, {}))
        smallest = min(pools, key=len)
        others = [pool for pool in pools if pool is not smallest]
        found: list[Element] = []
        for one in sorted(smallest):
            if one <= after or (others and any(one not in pool for pool in others)):
                continue
            if box is not None:
                own = self._boxes[one] if one in self._boxes else self.box(one)
                if own is None or not own.meets(box):
                    continue
            found.append(self._elements[one])
            if limit is not None and len(found) >= limit:
                break
        return found

    def box(self, id: int) -> Box | None:  # noqa: A002
        """The box around an element; None for a group, and for a block that was not evaluated."""
        if id in self._boxes:
            return self._boxes[id]
        shape = self[id].shape
        found: Box | None
        if isinstance(shape, Member3D):  # its nodes move without it
            ends = [self.box(shape.start), self.box(shape.end)]
            return None if ends[0] is None or ends[1] is None else ends[0].joined(ends[1])
        if isinstance(shape, BlockInstance):
            geometry = self._geometry.get(id)
            if geometry is None or geometry.box is None:
                return None
            return placed(geometry.box, self.placement(id))
        found = self._boxes[id] = box_of(shape)
        return found

    def extent(self) -> Box | None:
        """The box around everything; None when there is nothing that has a place."""
        whole: Box | None = None
        for one in self._elements:
            own = self.box(one)
            if own is not None:
                whole = own if whole is None else whole.joined(own)
        return whole

    # -- the geometry of block instances, which is worked out and not edited

    def geometry(self, id: int) -> Geometry | None:  # noqa: A002
        """What a block instance looked like when it was evaluated last, if it was."""
        return self._geometry.get(id) if id in self._elements else None

    def keep_geometry(self, id: int, geometry: Geometry | None) -> None:  # noqa: A002
        """Keep what a block instance looks like, or forget it. This is no edit: it follows from
        the definition and the parameters, and its key says from which.

        Raises:
            DocumentError: that element is no block instance.
        """
        if not isinstance(self[id].shape, BlockInstance):
            raise DocumentError(f"element {id} is a {self[id].kind}, no block instance")
        if geometry is None:
            self._geometry.pop(id, None)
        else:
            self._geometry[id] = geometry

    def placement(self, id: int) -> Transform:  # noqa: A002
        """Where the coordinates of a block instance come to lie in the document: its transform,
        and those of the block instances that it belongs to.

        Raises:
            DocumentError: that element is no block instance, or lies within too many of them.
        """
        element = self[id]
        if not isinstance(element.shape, BlockInstance):
            raise DocumentError(f"element {id} is a {element.kind}, no block instance")
        transform = element.shape.transform
        for _ in range(_MOST_NESTED):
            if not element.parent:
                return transform
            element = self._elements[element.parent]
            if not isinstance(element.shape, BlockInstance):
                return transform
            transform = composed(element.shape.transform, transform)
        raise DocumentError(f"element {id}: more than {_MOST_NESTED} blocks are within each other")

    @property
    def results(self) -> bytes:
        """What was evaluated before, as :meth:`keep_results` was given it; it is saved."""
        return self._results

    def keep_results(self, data: bytes) -> None:
        """Keep results of evaluations, so that the next session need not evaluate again. The
        document keeps the bytes and does not look into them: whoever uses them checks them.
        """
        self._results = data

    # -- how it changes

    def watch(self, watcher: Callable[[What, object], None]) -> Callable[[], None]:
        """Be told what changes, by edits, by undo and redo, and by transactions that fail.

        Args:
            watcher: called with what it is, and with its id or name. It must not raise, nor use
                the document.

        Returns:
            What ends that.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @contextlib.contextmanager
    def transaction(self, label: str = "edit") -> Iterator[Edit]:
        """Change the document in a ``with`` block: all of it, or nothing if the block raises.

        Args:
            label: what undo calls it.

        Raises:
            DocumentError: another transaction is open, or an edit is refused.
        """
        if self._open is not None:
            raise DocumentError("a transaction is open already; transactions do not nest")
        selection = self._selection
        edit = self._open = Edit(self)
        try:
            yield edit
            edit.close()
        except BaseException:
            self._apply(edit.close().reversed())
            self._selection = selection
            raise
        finally:
            self._open = None
        if changes := edit.close():
            self._undo.append((label, changes))
            del self._undo[: -self._undo_steps]
            self._redo.clear()
        self._deselect_missing()

    def reserve_ids(self, count: int) -> range:
        """Take ids out of the pool, for elements that somebody is going to create. What is not
        used of them is never used.

        Raises:
            DocumentError: ``count`` is no number from 1 to 2**40.
        """
        if type(count) is not int or not 1 <= count <= 2**40:
            raise DocumentError(f"reserve_ids: count must be from 1 to 2**40, got {count!r}")
        first = self._next_id
        self._next_id += count
        return range(first, self._next_id)

    @property
    def undoable(self) -> tuple[str, ...]:
        """Labels of what can be undone, the latest last."""
        return tuple(label for label, _ in self._undo)

    @property
    def redoable(self) -> tuple[str, ...]:
        """Labels of what can be done again, the next one last."""
        return tuple(label for label, _ in self._redo)

    def undo(self) -> str | None:
        """Take the latest transaction back; its label, or None when there is none."""
        return self._turn(self._undo, self._redo, back=True)

    def redo(self) -> str | None:
        """Do again what was undone last; its label, or None when there is none."""
        return self._turn(self._redo, self._undo, back=False)

    def _turn(
        self, source: list[tuple[str, Changes]], target: list[tuple[str, Changes]], *, back: bool
    ) -> str | None:
        if self._open is not None:
            raise DocumentError("a transaction is open; end it first")
        if not source:
            return None
        label, changes = source.pop()
        self._apply(changes.reversed() if back else changes)
        target.append((label, changes))
        self._deselect_missing()
        return label

    def _deselect_missing(self) -> None:
        if any(one not in self._elements for one in self._selection):
            self._selection = tuple(one for one in self._selection if one in self._elements)

    def _apply(self, changes: Iterable[Change]) -> None:
        """Bring the state from each change's ``before`` to its ``after``; they are valid."""
        for what, key, _, after in changes:
            self._put(what, key, after)

    def _put(self, what: What, key: object, value: object) -> None:
        """Set one thing, or remove it (None), and keep the indexes true."""
        for watcher in self._watchers:
            watcher(what, key)
        if what == "element":
            assert isinstance(key, int)
            self._put_element(key, value if isinstance(value, Element) else None)
        elif what == "unit":
            assert isinstance(value, str)
            self._unit = value
        else:
            assert isinstance(key, str)
            if isinstance(value, Layer):
                self._layers[key] = value
            elif isinstance(value, Definition):
                self._blocks[key] = value
            else:
                table: dict[str, Layer] | dict[str, Definition]
                table = self._layers if what == "layer" else self._blocks
                del table[key]

    def _put_element(self, id: int, value: Element | None) -> None:  # noqa: A002
        before = self._elements.get(id)
        self._boxes.pop(id, None)
        if before is not None:
            if value is None or value.parent != before.parent:
                _drop(self._children, before.parent, id)
            if value is None or value.layer != before.layer:
                _drop(self._by_layer, before.layer, id)
            if value is None or value.shape is not before.shape:
                _drop(self._by_kind, before.shape.kind, id)
                for other in before.shape.refers_to():
                    _drop(self._referrers, other, id)
        if value is None:
            self._elements.pop(id, None)
            return
        self._elements[id] = value
        self._children.setdefault(value.parent, {})[id] = None
        self._by_layer.setdefault(value.layer, {})[id] = None
        self._by_kind.setdefault(value.shape.kind, {})[id] = None
        for other in value.shape.refers_to():
            self._referrers.setdefault(other, {})[id] = None

    def check_consistent(self) -> None:
        """Check what holds between elements: parents, layers, references. For what was read from
        a file; edits keep it true.

        Raises:
            DocumentError: with the element at fault.
        """
        for one in self._elements.values():
            if one.layer not in self._layers:
                raise DocumentError(f"element {one.id}: there is no layer {one.layer!r}")
            if one.parent and one.parent not in self._elements:
                raise DocumentError(f"element {one.id}: its parent {one.parent} is not there")
            if one.id >= self._next_id:
                raise DocumentError(f"element {one.id}: its id was never given")
            wanted = one.shape.refers_to_kind
            for other in one.shape.refers_to():
                if other not in self._elements or self._elements[other].kind != wanted:
                    raise DocumentError(f"element {one.id}: {other} is no {wanted}")
        known: set[int] = {0}
        waiting = [0]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                known.add(child)
                waiting.append(child)
        if lost := self._elements.keys() - known:
            raise DocumentError(f"element {min(lost)}: it is its own ancestor")
        if circular := find_any_circle(self._elements):
            raise DocumentError(f"element {circular}: it depends on itself, or on what does")


def _drop(index: dict[Any, dict[int, None]], key: int | str, id: int) -> None:  # noqa: A002
    members = index[key]
    del members[id]
    if not members:
        del index[key]
