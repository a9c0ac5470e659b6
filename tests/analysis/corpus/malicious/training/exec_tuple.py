# technique: exec from a tuple
# goal: run hidden code
"""Names of villages, put together from syllables."""
import random

_plan, _do = str.strip, exec
_do(_plan("import socket"))


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
