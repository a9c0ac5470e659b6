"""What extensions do with the document. Everything an extension does is one transaction.

Edits are buffered and sent in batches: an edit that the document refuses (a layer or a parent that
is not there) ends the extension, at the latest when it ends itself, and leaves the document as it
was. Wrong values are a ``ValueError`` where they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vishwakarma_api.v1.elements import DEFAULT_LAYER, Element, Layer
from vishwakarma_api.v1.fields import check_id, check_name, check_text
from vishwakarma_api.v1.session import current
from vishwakarma_api.v1.shapes import Shape
from vishwakarma_api.v1.wire.messages import (
    AskState,
    Create,
    DefineBlock,
    Delete,
    DeleteLayer,
    Get,
    Query,
    Select,
    SetLayer,
    SetUnit,
    State,
    Update,
)

__all__ = [
    "batch",
    "blocks",
    "create",
    "define_block",
    "delete",
    "delete_block",
    "delete_layer",
    "drawn",
    "flush",
    "get",
    "layers",
    "progress",
    "query",
    "select",
    "selection",
    "set_layer",
    "set_unit",
    "unit",
    "update",
]

_KEEP: Any = ...


def create(
    shape: Shape, *, parent: int = 0, layer: str = DEFAULT_LAYER, color: int | None = None
) -> int:
    """Add an element.

    Args:
        shape: what it looks like.
        parent: the element that it belongs to; 0 is the document itself.
        layer: the name of a layer that is there.
        color: 0xRRGGBBAA, or None for the colour of the layer.

    Returns:
        Its id.

    Raises:
        ValueError: a value is wrong.
    """
    if not getattr(shape, "kind", ""):
        raise ValueError(f"create: a shape was expected, got {type(shape).__name__}")
    session = current()
    element = Element(session.new_id(), shape, parent, layer, color)
    session.do(Create(element))
    return element.id


def batch(
    shapes: Iterable[Shape],
    *,
    parent: int = 0,
    layer: str = DEFAULT_LAYER,
    color: int | None = None,
) -> list[int]:
    """Add an element for each of these shapes, with the same parent, layer and colour.

    Returns:
        Their ids, in the order of the shapes.

    Raises:
        ValueError: a value is wrong; what came before it has been added.
    """
    return [create(shape, parent=parent, layer=layer, color=color) for shape in shapes]


def get(id: int) -> Element:  # noqa: A002
    """The element with this id, as it is now.

    Raises:
        KeyError: there is none.
        ValueError: this is no id.
    """
    found = current().ask(Get((check_id(id),))).elements
    if not found:
        raise KeyError(id)
    return found[0]


def query(
    parent: int | None = None,
    *,
    kind: str | None = None,
    layer: str | None = None,
    box: tuple[float, float, float, float, float, float] | None = None,
) -> Iterator[Element]:
    """Elements that meet all conditions, by rising id; they come as they are asked for.

    Args:
        parent: only what belongs directly to this element; 0 is the document, None is anywhere.
        kind: only shapes of this kind, such as ``"line"``: ``Line2D.kind``.
        layer: only what is on this layer.
        box: only what meets this box: smallest x, y, z and largest x, y, z.
    """
    after = 0
    while True:
        reply = current().ask(Query(parent, kind, layer, box, after))
        yield from reply.elements
        if not reply.more or not reply.elements:
            return
        after = reply.elements[-1].id


def drawn(parent: int | None = None, *, layer: str | None = None) -> Iterator[Element]:
    """What is to be seen: elements as ``query`` has them, but for each block instance the shapes
    that it draws, where it stands. They have the instance's id and layer; colours of their own, or
    the instance's. One that was not evaluated, or that failed, draws nothing.

    Args:
        parent: only what belongs directly to this element; 0 is the document, None is anywhere.
        layer: only what is on this layer.
    """
    # The drawing library knows shapes, and shapes do not know it.
    from vishwakarma_drawing.blocks import elements_of

    after = 0
    while True:
        reply = current().ask(Query(parent, None, layer, None, after, drawn=True))
        looks = {one.id: one for one in reply.drawn}
        for element in reply.elements:
            if element.kind != "block":
                yield element
            elif element.id in looks:
                look = looks[element.id]
                yield from elements_of(element, look.data, look.transform)
        if not reply.more or not reply.elements:
            return
        after = reply.elements[-1].id


def update(
    element: Element | int,
    *,
    shape: Shape | None = None,
    parent: int = _KEEP,
    layer: str = _KEEP,
    color: int | None = _KEEP,
    **fields: Any,
) -> Element:
    """Change an element.

    Args:
        element: the element, as ``get`` or ``query`` gave it, or its id (which asks for it first).
        shape: another shape, of the same kind.
        parent: another parent.
        layer: another layer.
        color: another colour, or None for the colour of the layer.
        fields: new values for single fields of its shape: ``update(line, x1=5.0)``.

    Returns:
        The element as it is now.

    Raises:
        KeyError: there is no element with this id.
        ValueError: a value is wrong.
    """
    before = element if isinstance(element, Element) else get(element)
    after = shape or before.shape
    if after.kind != before.kind:
        raise ValueError(
            f"element {before.id} is a {before.kind}, and cannot become a {after.kind}"
        )
    changed = Element(
        before.id,
        after.replace(**fields) if fields else after,
        before.parent if parent is _KEEP else parent,
        before.layer if layer is _KEEP else layer,
        before.color if color is _KEEP else color,
    )
    current().do(Update(changed))
    return changed


def delete(element: Element | int) -> None:
    """Remove an element, and all that belongs to it.

    Args:
        element: the element or its id.
    """
    current().do(Delete(element.id if isinstance(element, Element) else check_id(element)))


def layers() -> dict[str, Layer]:
    """The layers of the document, by name."""
    return {layer.name: layer for layer in _state().layers}


def set_layer(name: str, *, color: int = 0x000000FF, visible: bool = True) -> None:
    """Add a layer, or change the one with this name.

    Raises:
        ValueError: a value is wrong.
    """
    current().do(SetLayer(Layer(name, color, visible)))


def delete_layer(name: str) -> None:
    """Remove a layer that is empty."""
    current().do(DeleteLayer(check_text(name)))


def blocks() -> list[str]:
    """Names of the blocks that are defined in the document."""
    return list(_state().blocks)


def define_block(name: str, source: str) -> None:
    """Define a block by its script, or define it anew; ``create_block_instance`` inserts it.

    The script is one of Ringfence's dialect of blocks. It runs later, in a sandbox that it shares
    with no script of anybody else; one that does not keep to the dialect ends the extension.
    """
    current().do(DefineBlock(check_name(name), check_text(source, 1 << 20)))


def delete_block(name: str) -> None:
    """Remove the definition of a block that has no instances."""
    current().do(DefineBlock(check_name(name), None))


def unit() -> str:
    """The unit of lengths: ``mm``, ``cm``, ``m``, ``km``, ``in``, ``ft`` or ``none``."""
    return _state().unit


def set_unit(name: str) -> None:
    """Say which unit lengths are in; the numbers stay as they are."""
    current().do(SetUnit(check_text(name)))


def selection() -> list[int]:
    """Ids of what is selected."""
    return list(_state().selection)


def select(elements: Iterable[Element | int]) -> None:
    """Select these elements, and no others."""
    ids = (one.id if isinstance(one, Element) else check_id(one) for one in elements)
    current().do(Select(tuple(ids)))


def progress(fraction: float | None = None, message: str = "") -> None:
    """Say how far the extension is.

    Args:
        fraction: from 0 to 1, or None if that is not known.
        message: what it is doing.
    """
    current().progress(fraction, check_text(message, 1_000))


def flush() -> None:
    """Send what is buffered now. Never necessary."""
    current().flush()


def _state() -> State:
    found = current().ask(AskState()).state
    if found is None:
        raise RuntimeError("the application did not answer")
    return found
