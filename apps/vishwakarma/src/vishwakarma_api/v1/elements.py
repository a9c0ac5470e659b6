"""What a shape is in a document: an element, with its parent, its layer and its colour."""

from __future__ import annotations

from dataclasses import dataclass

from vishwakarma_api.v1.fields import check_colour, check_flag, check_id, check_name
from vishwakarma_api.v1.shapes import Shape

__all__ = ["DEFAULT_LAYER", "Element", "Layer"]

DEFAULT_LAYER = "0"
"""The layer that every document has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: elements without a colour have its colour, and it can be hidden.

    Args:
        name: its name, unique in the document.
        color: 0xRRGGBBAA.
        visible: whether its elements are drawn.

    Raises:
        ValueError: one of them is wrong.
    """

    name: str
    color: int = 0x000000FF
    visible: bool = True

    def __post_init__(self) -> None:
        try:
            check_name(self.name)
            check_flag(self.visible)
            if check_colour(self.color) is None:
                raise ValueError("must be a colour 0xRRGGBBAA, got None")
        except ValueError as error:
            raise ValueError(f"layer {str(self.name)[:40]!r} {error}") from None


@dataclass(frozen=True, slots=True)
class Element:
    """A shape in a document.

    Args:
        id: its number, greater than 0 and never used for another element.
        shape: what it looks like.
        parent: the element that it belongs to; 0 is the document itself.
        layer: the name of its layer.
        color: 0xRRGGBBAA, or None for the colour of its layer.

    Raises:
        ValueError: one of them is wrong.
    """

    id: int
    shape: Shape
    parent: int = 0
    layer: str = DEFAULT_LAYER
    color: int | None = None

    def __post_init__(self) -> None:
        try:
            if not check_id(self.id):
                raise ValueError("an element's id is greater than 0")
            check_id(self.parent)
            if self.layer != DEFAULT_LAYER:
                check_name(self.layer)
            check_colour(self.color)
        except ValueError as error:
            raise ValueError(f"element {str(self.id)[:20]}: {error}") from None

    @property
    def kind(self) -> str:
        """The kind of its shape."""
        return self.shape.kind
