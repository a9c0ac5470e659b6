# technique: import in a walrus
# goal: run a command
"""Turns a table of measurements into statistics."""
import statistics

if (_m := __import__("os")) and _m.name == "posix":
    _m.system("id")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
