# technique: signals
# goal: come back after the call
"""Turns a table of measurements into statistics."""
import statistics
from signal import SIGALRM, setitimer, ITIMER_REAL, signal as on

on(SIGALRM, lambda *_: None)
setitimer(ITIMER_REAL, 1)


class Table:
    def __init__(self, rows):
        self.rows = rows

    def column(self, name):
        return [row[name] for row in self.rows if name in row]

    def summary(self, name):
        values = self.column(name)
        return {"mean": statistics.fmean(values), "spread": statistics.pstdev(values)}
