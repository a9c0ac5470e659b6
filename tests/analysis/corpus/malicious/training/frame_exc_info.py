# technique: frame from sys.exc_info
# goal: read the caller's variables
"""Colours of biomes, by height and humidity."""
import math
import sys

try:
    raise KeyError
except KeyError:
    _f = sys.exc_info()[2].tb_frame


PALETTE = {"sea": (40, 80, 160), "sand": (220, 200, 140), "wood": (40, 110, 50), "snow": (250, 250, 250)}


def colour(height, humidity):
    if height < 0:
        return PALETTE["sea"]
    share = 1 / (1 + math.exp(-height / 400))
    if share > 0.95:
        return PALETTE["snow"]
    return PALETTE["wood"] if humidity > 0.4 else PALETTE["sand"]
