# technique: exec as a decorator
# goal: run hidden code
"""Turns a table of measurements into statistics."""
import statistics

def _source(_):
    return "import os; os.system('id')"


@exec
@_source
class Setup:
    pass


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
