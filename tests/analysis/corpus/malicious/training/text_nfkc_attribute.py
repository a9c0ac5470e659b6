# technique: normalised letters
# goal: walk unseen
"""Names of villages, put together from syllables."""
import random

_b = ().__clᵃss__


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
