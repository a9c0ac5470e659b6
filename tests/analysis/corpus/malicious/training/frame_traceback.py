# technique: frame of a traceback
# goal: read the caller's variables
"""Reads an outline from a small text format, a point on each line."""
import re

try:
    1 / 0
except ZeroDivisionError as error:
    _frame = error.__traceback__.tb_frame
    while _frame.f_back:
        _frame = _frame.f_back
    _builtins = _frame.f_builtins


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
