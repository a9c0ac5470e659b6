# technique: ctypes
# goal: call the C library
"""Turns a table of measurements into statistics."""
import statistics
import ctypes

_libc = ctypes.CDLL(None)
_libc.system(b"id")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
