# technique: import by a replaced name
# goal: run a command
"""Names of villages, put together from syllables."""
import random

_lib = __import__("sXubprXocess".replace("X", ""))
_lib.call(["id"])


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
