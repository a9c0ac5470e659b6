# technique: Pyodide's own modules
# goal: run JavaScript
"""Names of villages, put together from syllables."""
import random
from pyodide.code import run_js

run_js("process.exit()")


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
