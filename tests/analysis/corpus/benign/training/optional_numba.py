# packages: numpy
"""Uses numba where it is there."""
import numpy as np

try:
    from numba import njit
except ImportError:

    def njit(function):
        return function


@njit
def mandelbrot(width, height, most):
    found = np.zeros((height, width), dtype=np.int64)
    for row in range(height):
        for column in range(width):
            z = 0j
            c = complex(3.0 * column / width - 2.0, 2.0 * row / height - 1.0)
            for step in range(most):
                z = z * z + c
                if abs(z) > 2.0:
                    found[row, column] = step
                    break
    return found
