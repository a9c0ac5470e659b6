# technique: invisible characters
# goal: make two names that look alike
"""Turns a table of measurements into statistics."""
import statistics

value = 1
value︀ = 2


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
