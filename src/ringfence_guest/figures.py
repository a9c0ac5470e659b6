"""A matplotlib backend whose ``plt.show()`` displays the open figures to the host as PNG.

Chosen through ``MPLBACKEND=module://ringfence_guest.figures`` in the guest's environment. Figures
that a cell leaves open are displayed at its end, whatever the backend: :mod:`.display`.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import (  # type: ignore[import-not-found,unused-ignore]
    FigureCanvasAgg,
)

from ringfence_guest.display import show_figures

__all__ = ["FigureCanvas", "FigureManager", "show"]

FigureCanvas = FigureCanvasAgg
FigureManager = FigureCanvasAgg.manager_class


def show(*_args: Any, **_kwargs: Any) -> None:
    """Display every open figure, and close it."""
    import builtins

    show_figures(builtins.display)  # type: ignore[attr-defined]
