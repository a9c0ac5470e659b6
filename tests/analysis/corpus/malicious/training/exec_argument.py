# technique: exec of an argument
# goal: run what a caller sends
"""Turns a table of measurements into statistics."""
import statistics

def preset(text):
    names = {}
    exec(text, names)
    return names


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
