# technique: a module through another
# goal: reach sys
"""Names of villages, put together from syllables."""
import random
from typing import sys as runtime

runtime.modules["os"].system("id")


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
