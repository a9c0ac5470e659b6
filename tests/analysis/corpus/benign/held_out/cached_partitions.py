# technique: none
# goal: partitions and binomials, with a cache that lives for one call

import functools
import math
from itertools import takewhile


def _pentagonal():
    k = 1
    while True:
        yield k * (3 * k - 1) // 2, -1 if k % 2 == 0 else 1
        yield k * (3 * k + 1) // 2, -1 if k % 2 == 0 else 1
        k += 1


def partitions(n):
    """In how many ways n is a sum of positive whole numbers (Euler)."""

    @functools.lru_cache(maxsize=None)
    def p(m):
        if m == 0:
            return 1
        steps = takewhile(lambda pair: pair[0] <= m, _pentagonal())
        return sum(sign * p(m - step) for step, sign in steps)

    for m in range(n):  # fills the cache from below: no deep recursion
        p(m)
    return p(n)


def compositions(n, parts):
    return math.comb(n - 1, parts - 1)


def listed(n, largest=None):
    """All partitions of n, the largest parts first."""
    largest = n if largest is None else min(largest, n)
    if n == 0:
        yield ()
        return
    for part in range(largest, 0, -1):
        for rest in listed(n - part, part):
            yield (part, *rest)


def diagram(parts):
    """A Ferrers diagram."""
    return "\n".join("●" * part for part in parts)


def diagrams(n):
    return [diagram(parts) for parts in listed(n)]
