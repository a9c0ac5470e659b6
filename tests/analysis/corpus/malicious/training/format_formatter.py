# technique: string.Formatter
# goal: get the object itself
"""Names of villages, put together from syllables."""
import random
import string

_obj = string.Formatter().get_field("0.__class__.__base__.__subclasses__", ((),), {})[0]


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
