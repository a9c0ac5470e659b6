# technique: none
# goal: mean, variance, skewness and kurtosis in one pass, mergeable

"""Μέση τιμή (μ), διασπορά (σ²), λοξότητα (γ₁) και κύρτωση (γ₂), χωρίς δεύτερο πέρασμα."""

import math
from functools import reduce


class Moments:
    """Sums of powers of deviations; two may be merged by `+`."""

    __slots__ = ("n", "mean", "m2", "m3", "m4")

    def __init__(self, n=0, mean=0.0, m2=0.0, m3=0.0, m4=0.0):
        self.n, self.mean, self.m2, self.m3, self.m4 = n, mean, m2, m3, m4

    def __add__(self, other):
        n = self.n + other.n
        if n == 0:
            return Moments()
        δ = other.mean - self.mean
        a, b = self.n, other.n
        m2 = self.m2 + other.m2 + δ**2 * a * b / n
        m3 = (
            self.m3 + other.m3
            + δ**3 * a * b * (a - b) / n**2
            + 3 * δ * (a * other.m2 - b * self.m2) / n
        )
        m4 = (
            self.m4 + other.m4
            + δ**4 * a * b * (a * a - a * b + b * b) / n**3
            + 6 * δ**2 * (a * a * other.m2 + b * b * self.m2) / n**2
            + 4 * δ * (a * other.m3 - b * self.m3) / n
        )
        return Moments(n, self.mean + δ * b / n, m2, m3, m4)

    def __iadd__(self, value):
        merged = self + Moments(1, value)
        for name in self.__slots__:
            setattr(self, name, getattr(merged, name))
        return self

    def __bool__(self):
        return self.n > 0

    def __repr__(self):
        return f"{type(self).__name__}(n={self.n}, mean={self.mean:.6g})"


def moments(values):
    """Figures of a sample."""
    m = Moments()
    for value in values:
        m += value
    if not m or m.m2 == 0:
        return {"n": m.n, "mean": m.mean, "variance": 0.0, "skewness": 0.0, "kurtosis": 0.0}
    return {
        "n": m.n,
        "mean": m.mean,
        "variance": m.m2 / m.n,
        "skewness": math.sqrt(m.n) * m.m3 / m.m2**1.5,
        "kurtosis": m.n * m.m4 / m.m2**2 - 3,
    }


def pooled(groups):
    single = (reduce(lambda m, v: m + Moments(1, v), group, Moments()) for group in groups)
    total = sum(single, Moments())
    return total.n, total.mean
