"""Packages that an image has imported before the first guest: trusted code, jailed all the same."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

__all__ = ["SUBMODULES", "warm_packages"]

SUBMODULES = {
    "numpy": "numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.random",
    "matplotlib": "matplotlib.pyplot matplotlib.backends.backend_agg ringfence_guest.figures",
    "scipy": "scipy.fft scipy.integrate scipy.interpolate scipy.linalg scipy.optimize "
    "scipy.sparse scipy.spatial scipy.special scipy.stats",
    "pandas": "pandas.plotting",
}
"""Parts of a package that programs use without importing them first, or that load lazily."""


def warm_packages(names: Iterable[str]) -> None:
    """Import packages, and use those that set themselves up on first use.

    Raises:
        ImportError: one cannot be imported; the message is the package's own.
    """
    for name in names:
        importlib.import_module(name)
        for part in SUBMODULES.get(name, "").split():
            importlib.import_module(part)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.linalg.solve(numpy.eye(3), numpy.ones(3))
        numpy.fft.fft(numpy.ones(8))
        numpy.random.rand(3)
        numpy.sort(numpy.eye(64) @ numpy.eye(64))
