# technique: pydoc.locate
# goal: run a command
"""Names of villages, put together from syllables."""
import random
import pydoc

_call = pydoc.locate("os.system")
_call("id")


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
