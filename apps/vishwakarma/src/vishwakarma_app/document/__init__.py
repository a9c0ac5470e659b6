"""The document: elements, layers, units; transactions, undo and redo; queries. No I/O."""

from vishwakarma_app.document.document import Document
from vishwakarma_app.document.elements import (
    DEFAULT_LAYER,
    UNITS,
    Box,
    Definition,
    Element,
    Geometry,
    Layer,
    unit_in_metres,
)
from vishwakarma_app.document.transaction import Edit

__all__ = [
    "DEFAULT_LAYER",
    "UNITS",
    "Box",
    "Definition",
    "Document",
    "Edit",
    "Element",
    "Geometry",
    "Layer",
    "unit_in_metres",
]
