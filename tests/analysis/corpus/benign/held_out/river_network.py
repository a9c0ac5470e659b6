# technique: none
# goal: flow directions and accumulation over a height field, without recursion
# packages: numpy

import heapq
from collections import deque
from types import SimpleNamespace

import numpy as np

_AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def _inside(shape, row, column):
    return 0 <= row < shape[0] and 0 <= column < shape[1]


def fill(heights, *, rise=1e-6):
    """Priority flood: sinks are filled so that all water gets out."""
    filled = np.array(heights, dtype=float)
    done = np.zeros(filled.shape, dtype=bool)
    edge = []
    for row, column in np.ndindex(filled.shape):
        if row in (0, filled.shape[0] - 1) or column in (0, filled.shape[1] - 1):
            heapq.heappush(edge, (filled[row, column], row, column))
            done[row, column] = True
    while edge:
        level, row, column = heapq.heappop(edge)
        for dr, dc in _AROUND:
            r, c = row + dr, column + dc
            if _inside(filled.shape, r, c) and not done[r, c]:
                done[r, c] = True
                filled[r, c] = max(filled[r, c], level + rise)
                heapq.heappush(edge, (filled[r, c], r, c))
    return filled


def accumulate(heights):
    """How many cells drain through each cell."""
    filled = fill(heights)
    flow = np.ones(filled.shape, dtype=np.int64)
    order = np.argsort(filled, axis=None)[::-1]
    for flat in order:
        row, column = map(int, np.unravel_index(flat, filled.shape))
        best = min(
            ((filled[row + dr, column + dc], row + dr, column + dc) for dr, dc in _AROUND
             if _inside(filled.shape, row + dr, column + dc)),
            default=None,
        )
        if best is not None and best[0] < filled[row, column]:
            flow[best[1], best[2]] += flow[row, column]
    return flow


def rivers(heights, *, least=20):
    """Connected parts of cells with much water."""
    wet = accumulate(heights) >= least
    seen, found = set(), []
    for start in map(tuple, np.argwhere(wet).tolist()):
        if start in seen:
            continue
        waiting, river = deque([start]), SimpleNamespace(cells=[], length=0)
        seen.add(start)
        while waiting:
            row, column = waiting.popleft()
            river.cells.append((row, column))
            for dr, dc in _AROUND:
                after = row + dr, column + dc
                if _inside(wet.shape, *after) and wet[after] and after not in seen:
                    seen.add(after)
                    waiting.append(after)
        river.length = len(river.cells)
        found.append(vars(river))
    return sorted(found, key=lambda one: -one["length"])
