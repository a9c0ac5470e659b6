# technique: class walk by methodcaller
# goal: find loaded classes
"""Turns a table of measurements into statistics."""
import statistics
from operator import methodcaller

_list = methodcaller("__subclasses__")(object)


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
