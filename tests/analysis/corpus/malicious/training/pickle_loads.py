# technique: pickle
# goal: run code from bytes
"""Names of villages, put together from syllables."""
import random
import pickle


def load(data):
    return pickle.loads(data)


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
