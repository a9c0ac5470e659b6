"""What stands for the geometry of another instance of the same work."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Link"]


class Link(NamedTuple):
    """As a parameter: what another instance of the same work draws.

    Attributes:
        place: of it, before that of the instance that is given it.
    """

    place: int
