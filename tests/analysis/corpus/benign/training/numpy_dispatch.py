# packages: numpy
"""Reductions by name."""
import numpy as np

REDUCTIONS = {name: getattr(np, name) for name in ("min", "max", "mean", "median", "std")}


def describe(values):
    array = np.asarray(values, dtype=float)
    return {name: float(function(array)) for name, function in REDUCTIONS.items()}


def window(values, size):
    return np.lib.stride_tricks.sliding_window_view(values, size).mean(axis=-1)
