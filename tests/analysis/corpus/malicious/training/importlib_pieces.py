# technique: importlib with a name from pieces
# goal: open a socket
"""Reads an outline from a small text format, a point on each line."""
import re
import importlib as tools

_kind = "".join(["s", "ock", "et"])
_line = tools.import_module(_kind).socket()


LINE = re.compile(r"^\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*$")


def read(data):
    points = []
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"line {number} is no point")
        points.append((float(match[1]), float(match[2])))
    return points
