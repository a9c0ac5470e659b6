# technique: frame by attrgetter
# goal: reach builtins
"""Reads an outline from a small text format, a point on each line."""
import re
import operator

_g = (x for x in ())
_space = operator.attrgetter("gi_frame.f_builtins")(_g)


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
