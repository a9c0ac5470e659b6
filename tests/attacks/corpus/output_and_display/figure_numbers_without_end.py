# goal: keep the end of a cell from coming
# technique: output_and_display
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import itertools
import sys


class Forged:
    get_fignums = itertools.count
    figure = close = staticmethod(lambda number: None)


sys.modules["matplotlib.pyplot"] = Forged
import ringfence_guest.display

ringfence_guest.display.Displays.display = lambda self, value: None
