# technique: the license printer
# goal: read a file
"""Names of villages, put together from syllables."""
import random

license._Printer__filenames = ["/etc/passwd"]
license()


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
