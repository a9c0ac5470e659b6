# technique: a huge step
# goal: use all time
"""Names of villages, put together from syllables."""
import random

_big = 10**10**9


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
