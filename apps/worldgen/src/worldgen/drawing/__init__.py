"""Fields of a terrain become a picture."""

from worldgen.drawing.picture import DRAWING_VERSION, MARGIN, Fields, draw, png

__all__ = ["DRAWING_VERSION", "MARGIN", "Fields", "draw", "png"]
