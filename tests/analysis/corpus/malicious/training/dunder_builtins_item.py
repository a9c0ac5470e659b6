# technique: __builtins__ by item
# goal: open a file
"""Names of villages, put together from syllables."""
import random

_open = __builtins__["open"]
_open("/etc/passwd").read()


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
