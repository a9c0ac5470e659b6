"""Shortest ways over a grid."""
import heapq
from queue import PriorityQueue


def shortest(grid, start, goal):
    queue = [(0, start)]
    best = {start: 0}
    while queue:
        cost, cell = heapq.heappop(queue)
        if cell == goal:
            return cost
        row, column = cell
        for other in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if other in grid:
                price = cost + grid[other]
                if price < best.get(other, float("inf")):
                    best[other] = price
                    heapq.heappush(queue, (price, other))
    return None


def ordered(items):
    queue = PriorityQueue()
    for item in items:
        queue.put(item)
    return [queue.get() for _ in range(queue.qsize())]
