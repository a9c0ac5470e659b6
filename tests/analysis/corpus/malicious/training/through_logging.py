# technique: a module through another
# goal: run a command
"""Reads an outline from a small text format, a point on each line."""
import re
import logging as log

log.os.system("id")


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
