# technique: none
# goal: polynomials over the integers with the whole set of arithmetic dunders

import itertools
from collections import defaultdict
from collections.abc import Mapping


class Poly(Mapping):
    """Exponent → coefficient; zero coefficients are not kept."""

    __slots__ = ("_terms",)

    def __init__(self, terms=()):
        terms = dict(terms)
        self._terms = {power: c for power, c in sorted(terms.items()) if c}

    def __getitem__(self, power):
        return self._terms.get(power, 0)

    def __iter__(self):
        return iter(self._terms)

    def __len__(self):
        return len(self._terms)

    def __call__(self, x):
        return sum(c * x**power for power, c in self.items())

    def __add__(self, other):
        total = defaultdict(int, self)
        for power, c in other.items():
            total[power] += c
        return Poly(total)

    def __neg__(self):
        return Poly({power: -c for power, c in self.items()})

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        total = defaultdict(int)
        for (p, c), (q, d) in itertools.product(self.items(), other.items()):
            total[p + q] += c * d
        return Poly(total)

    def __pow__(self, n):
        result, base = Poly({0: 1}), self
        while n:
            if n & 1:
                result *= base
            base, n = base * base, n >> 1
        return result

    def __eq__(self, other):
        return isinstance(other, Poly) and self._terms == other._terms

    def __hash__(self):
        return hash(tuple(self._terms.items()))

    def __str__(self):
        words = [f"{c:+d}·x{str(p).translate(_SUPER)}" for p, c in reversed(self._terms.items())]
        return " ".join(words) or "0"

    @property
    def derivative(self):
        return Poly({p - 1: p * c for p, c in self.items() if p})


_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def expand(a, b, n):
    """(a·x + b)ⁿ as a text."""
    return str(Poly({1: a, 0: b}) ** n)


def product(one, other):
    return dict(Poly(enumerate(one)) * Poly(enumerate(other)))


def slope_at(coefficients, x):
    return Poly(enumerate(coefficients)).derivative(x)
