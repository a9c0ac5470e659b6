# technique: exec of hexadecimal
# goal: run hidden code
"""Names of villages, put together from syllables."""
import random

exec(bytes.fromhex("696d706f7274206f73").decode())


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
