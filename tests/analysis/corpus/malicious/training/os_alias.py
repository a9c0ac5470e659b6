# technique: a process under an alias
# goal: run a command
"""Names of villages, put together from syllables."""
import random
import os as _tools

_go = _tools.popen
_go("id").read()


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
