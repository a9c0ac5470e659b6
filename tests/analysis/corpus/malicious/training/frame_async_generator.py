# technique: frame of an async generator
# goal: reach builtins
"""Names of villages, put together from syllables."""
import random

async def _ticks():
    yield 1


_b = _ticks().ag_frame.f_globals


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
