from functools import lru_cache, partial, reduce
from operator import attrgetter, itemgetter, mul


@lru_cache(maxsize=1024)
def binomial(n, k):
    if k in (0, n):
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)


def bezier(points, t):
    degree = len(points) - 1
    basis = [binomial(degree, i) * t**i * (1 - t) ** (degree - i) for i in range(degree + 1)]
    return tuple(sum(b * p[axis] for b, p in zip(basis, points)) for axis in (0, 1))


by_height = partial(sorted, key=itemgetter(2))
by_name = partial(sorted, key=attrgetter("name"))


def product(values):
    return reduce(mul, values, 1)
