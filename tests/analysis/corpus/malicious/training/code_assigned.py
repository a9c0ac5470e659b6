# technique: code is exchanged
# goal: change a function
"""Names of villages, put together from syllables."""
import random

def _good():
    return 1


def _bad():
    return 2


_good.__code__ = _bad.__code__


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
