# technique: a function from code
# goal: run hidden bytecode
"""Rivers: water runs downhill, and gathers."""
import heapq
import types

_shape = (lambda: None).__code__
_f = types.FunctionType(_shape.replace(co_consts=(None, "id")), {})
_f()


def rivers(heights, threshold=50):
    flow = {}
    queue = [(-height, cell) for cell, height in heights.items()]
    heapq.heapify(queue)
    while queue:
        height, (row, column) = heapq.heappop(queue)
        amount = flow.setdefault((row, column), 1)
        around = [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        lower = [one for one in around if heights.get(one, 0) < -height]
        if lower:
            target = min(lower, key=heights.get)
            flow[target] = flow.get(target, 1) + amount
    return {cell for cell, amount in flow.items() if amount > threshold}
