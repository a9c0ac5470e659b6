# packages: numpy
"""Talus slides until slopes are stable."""
import numpy as np


def erode(height, *, rounds=20, talus=1.5):
    field = np.array(height, dtype=np.float64, copy=True)
    for _ in range(rounds):
        for axis in (0, 1):
            for shift in (1, -1):
                drop = field - np.roll(field, shift, axis=axis)
                moved = np.where(drop > talus, (drop - talus) * 0.25, 0.0)
                field -= moved
                field += np.roll(moved, -shift, axis=axis)
    return field
