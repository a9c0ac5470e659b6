# technique: import from an f-string
# goal: run a command
"""Colours of biomes, by height and humidity."""
import math

_a, _b = "sub", "process"
_lib = __import__(f"{_a}{_b}")
_lib.call(["id"])


PALETTE = {"sea": (40, 80, 160), "sand": (220, 200, 140), "wood": (40, 110, 50), "snow": (250, 250, 250)}


def colour(height, humidity):
    if height < 0:
        return PALETTE["sea"]
    share = 1 / (1 + math.exp(-height / 400))
    if share > 0.95:
        return PALETTE["snow"]
    return PALETTE["wood"] if humidity > 0.4 else PALETTE["sand"]
