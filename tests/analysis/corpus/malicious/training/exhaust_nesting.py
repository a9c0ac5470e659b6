# technique: a nested value
# goal: make whoever walks it recurse
"""Names of villages, put together from syllables."""
import random

def tree():
    node = []
    for _ in range(100_000):
        node = [node]
    return node


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
