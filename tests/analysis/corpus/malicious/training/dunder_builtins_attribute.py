# technique: __builtins__ by attribute
# goal: run hidden code
"""Turns a table of measurements into statistics."""
import statistics

b = __builtins__
b.exec("import os")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
