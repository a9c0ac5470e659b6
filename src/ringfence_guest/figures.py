"""A matplotlib backend whose ``plt.show()`` displays the open figures to the host as PNG.

Chosen through ``MPLBACKEND=module://ringfence_guest.figures`` in the guest's environment.
"""

from __future__ import annotations

from typing import Any

from matplotlib import pyplot  # type: ignore[import-not-found,unused-ignore]
from matplotlib.backends.backend_agg import (  # type: ignore[import-not-found,unused-ignore]
    FigureCanvasAgg,
)

__all__ = ["FigureCanvas", "FigureManager", "show"]

FigureCanvas = FigureCanvasAgg
FigureManager = FigureCanvasAgg.manager_class


def show(*_args: Any, **_kwargs: Any) -> None:
    """Display every open figure, and close it."""
    import builtins

    display = builtins.display  # type: ignore[attr-defined]
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        display(figure)
        pyplot.close(figure)
