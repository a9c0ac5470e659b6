"""Changing a document's blocks: checked before anything changes, in one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vishwakarma_api.v1.shapes import IDENTITY, BlockInstance
from vishwakarma_app.blocks.library import LIBRARY, LibraryBlock
from vishwakarma_app.blocks.signatures import check_script, plain_values
from vishwakarma_app.document import DEFAULT_LAYER, Definition, Document
from vishwakarma_app.errors import BlockRefused, DocumentError

__all__ = ["define", "insert", "set_parameters"]


def define(document: Document, name: str, source: str, *, publisher: str = "") -> None:
    """Define a block, or define it anew.

    Raises:
        BlockRefused: the script does not keep to the dialect, or an instance that is there does not
            fit it. Names the block and the line; the document is as it was.
        DocumentError: the name is none.
    """
    wanted = check_script(name, source)
    for one in document.query(kind="block"):
        shape = one.shape
        if isinstance(shape, BlockInstance) and shape.block == name:
            try:
                plain_values(name, wanted, dict(shape.parameters), dict(shape.inputs))
            except BlockRefused as error:
                message = f"{error} (element {one.id} is one)"
                raise BlockRefused(message, name, error.line) from None
    with document.transaction(f"define {name}") as edit:
        edit.set_block(name, source, publisher=publisher)


def insert(
    document: Document,
    name: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    transform: Sequence[float] = IDENTITY,
    layer: str = DEFAULT_LAYER,
    parent: int = 0,
    color: int | None = None,
    inputs: Mapping[str, int] | None = None,
    limits: Mapping[str, float] | None = None,
    library: Mapping[str, LibraryBlock] = LIBRARY,
) -> int:
    """Insert an instance of a block; its id. One of the library is defined in the document first.

    Args:
        document: where.
        name: of a block of the document, or of the library.
        parameters: name -> value; what is missing has its default.
        transform: where it stands: twelve numbers, the rows of a 3 by 4 matrix.
        layer: a layer that is there.
        parent: the element that it belongs to. It stands in the coordinates of a block instance.
        color: 0xRRGGBBAA, or None for the layer's.
        inputs: parameter of type ``Geometry`` -> the id of a block instance.
        limits: ``steps``, ``recursion``, ``primitives``, ``wall`` of this instance alone.
        library: the blocks that can be defined so.

    Raises:
        BlockRefused: there is no such block, or a parameter is wrong.
        DocumentError: the place is wrong. In both cases the document is as it was.
    """
    definition = document.blocks.get(name)
    if definition is None:
        if name not in library:
            known = ", ".join(sorted({*document.blocks, *library}))
            raise BlockRefused(f"there is no block {name[:40]!r}; there are {known}", name)
        definition = library[name].definition
    shape = _instance(
        name, definition, dict(parameters or {}), transform, dict(inputs or {}), limits or {}
    )
    with document.transaction(f"insert {name}") as edit:
        edit.set_block(name, definition.source, publisher=definition.publisher)
        return edit.create(shape, parent=parent, layer=layer, color=color)


def set_parameters(document: Document, element: int, parameters: Mapping[str, Any]) -> None:
    """Change parameters of a block instance; those that are not named stay as they are.

    Raises:
        BlockRefused: one is wrong, or the block is.
        DocumentError: that element is no block instance. The document is as it was.
    """
    before = document[element].shape
    if not isinstance(before, BlockInstance):
        raise DocumentError(f"element {element} is a {before.kind}, no block instance")
    definition = document.blocks.get(before.block)
    if definition is None:
        message = f"element {element}: there is no block {before.block!r} in this document"
        raise BlockRefused(message, before.block)
    values = {**dict(before.parameters), **parameters}
    after = _instance(
        before.block,
        definition,
        values,
        before.transform,
        dict(before.inputs),
        dict(before.limits),
    )
    with document.transaction(f"change {before.block}") as edit:
        edit.update(element, shape=after)


def _instance(
    name: str,
    definition: Definition,
    parameters: dict[str, Any],
    transform: Sequence[float],
    inputs: dict[str, int],
    limits: Mapping[str, float],
) -> BlockInstance:
    plain_values(name, check_script(name, definition.source), parameters, inputs)
    try:
        return BlockInstance(name, parameters, transform, inputs, dict(limits))
    except ValueError as error:
        raise BlockRefused(f"{name}: {error}", name) from None
