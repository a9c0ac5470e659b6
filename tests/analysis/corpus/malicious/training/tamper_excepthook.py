# technique: an exception hook
# goal: see errors of others
"""Names of villages, put together from syllables."""
import random
import sys

sys.excepthook = lambda *_: None


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
