# goal: have the agent call something else at the end of a cell
# technique: output_and_display
# expect: ok 5 alive

import sys


class Forged:
    def get_fignums(self):
        return []

    def __getattr__(self, name):
        raise SystemExit(name)


sys.modules["matplotlib.pyplot"] = Forged()
sys.modules["matplotlib.figure"] = Forged()
sys.modules["pandas"] = Forged
5
