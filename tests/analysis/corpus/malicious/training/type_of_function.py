# technique: the type of a function
# goal: run hidden bytecode
"""Colours of biomes, by height and humidity."""
import math

def _plain():
    return None


_made = type(_plain)(_plain.__code__, {})
_made()


PALETTE = {"sea": (40, 80, 160), "sand": (220, 200, 140), "wood": (40, 110, 50), "snow": (250, 250, 250)}


def colour(height, humidity):
    if height < 0:
        return PALETTE["sea"]
    share = 1 / (1 + math.exp(-height / 400))
    if share > 0.95:
        return PALETTE["snow"]
    return PALETTE["wood"] if humidity > 0.4 else PALETTE["sand"]
