# technique: the object of an exception
# goal: get an object that was not given
"""Names of villages, put together from syllables."""
import random

def probe(thing):
    try:
        thing.no_such_name
    except AttributeError as error:
        return error.obj


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
