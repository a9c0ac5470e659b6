# technique: class walk by attrgetter
# goal: find loaded classes
"""Names of villages, put together from syllables."""
import random
import operator

_up = operator.attrgetter("__class__.__base__.__subclasses__")
_list = _up(0)()


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
