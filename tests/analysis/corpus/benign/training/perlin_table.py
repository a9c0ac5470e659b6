"""Perlin's own permutation, and gradients from it."""
PERMUTATION = [
    151, 160, 137, 91, 90, 15, 131, 13, 201, 95, 96, 53, 194, 233, 7, 225, 140, 36, 103, 30, 69, 142,
    8, 99, 37, 240, 21, 10, 23, 190, 6, 148, 247, 120, 234, 75, 0, 26, 197, 62, 94, 252, 219, 203, 117,
    35, 11, 32, 57, 177, 33, 88, 237, 149, 56, 87, 174, 20, 125, 136, 171, 168, 68, 175, 74, 165, 71,
]
DOUBLE = PERMUTATION * 2


def fade(t):
    return t * t * t * (t * (t * 6 - 15) + 10)


def gradient(value, x, y):
    choice = DOUBLE[value % len(DOUBLE)] & 3
    return (x, -x, y, -y)[choice] + (y if choice < 2 else x)
