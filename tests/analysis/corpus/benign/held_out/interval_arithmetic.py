# technique: none
# goal: intervals, a context manager for rounding, and reflected operators

import decimal
import operator
from contextlib import ExitStack, contextmanager
from functools import partialmethod


@contextmanager
def rounding(way, digits=12):
    """Decimals rounded one way within a block."""
    with decimal.localcontext() as context:
        context.prec = digits
        context.rounding = way
        yield context


class Interval:
    """From low to high, rounded outwards."""

    def __init__(self, low, high=None):
        self.low = decimal.Decimal(str(low))
        self.high = self.low if high is None else decimal.Decimal(str(high))
        if self.low > self.high:
            raise ValueError("low is above high")

    def _apply(self, function, other, *, swapped=False):
        other = other if isinstance(other, Interval) else Interval(other)
        a, b = (other, self) if swapped else (self, other)
        ends = []
        for way, choose in ((decimal.ROUND_FLOOR, min), (decimal.ROUND_CEILING, max)):
            with ExitStack() as stack:
                stack.enter_context(rounding(way))
                ends.append(choose(function(p, q) for p in (a.low, a.high) for q in (b.low, b.high)))
        return Interval(*ends)

    def _plain(self, other, function):
        return self._apply(function, other)

    def _swapped(self, other, function):
        return self._apply(function, other, swapped=True)

    __add__ = partialmethod(_plain, function=operator.add)
    __radd__ = partialmethod(_swapped, function=operator.add)
    __sub__ = partialmethod(_plain, function=operator.sub)
    __rsub__ = partialmethod(_swapped, function=operator.sub)
    __mul__ = partialmethod(_plain, function=operator.mul)
    __rmul__ = partialmethod(_swapped, function=operator.mul)

    def __truediv__(self, other):
        other = other if isinstance(other, Interval) else Interval(other)
        if 0 in other:
            raise ZeroDivisionError("the divisor holds zero")
        return self._apply(operator.truediv, other)

    def __contains__(self, value):
        return self.low <= decimal.Decimal(str(value)) <= self.high

    def __iter__(self):
        yield from (float(self.low), float(self.high))


def tolerance(width, height, error):
    """Bounds of an area whose sides are known within an error."""
    w, h = Interval(width - error, width + error), Interval(height - error, height + error)
    return list(w * h)


def resistor(*values, share=0.05):
    """Bounds of resistors in parallel."""
    total = Interval(0)
    for value in values:
        total += Interval(1) / Interval(value * (1 - share), value * (1 + share))
    return list(Interval(1) / total)
