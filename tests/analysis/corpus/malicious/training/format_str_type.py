# technique: format through str
# goal: read special attributes
"""Turns a table of measurements into statistics."""
import statistics

_text = str.format("{0.__class__.__bases__}", ())


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
