# technique: closure of a function
# goal: read what others hold
"""Names of villages, put together from syllables."""
import random

def spy(function):
    return [cell.cell_contents for cell in function.__closure__ or ()]


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
