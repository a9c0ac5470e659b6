# technique: reduce_ex gives a function
# goal: reach builtins
"""Turns a table of measurements into statistics."""
import statistics

_f = (0).__reduce_ex__(2)[0]
_f.__globals__["__builtins__"]["eval"]("1")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
