# technique: exec in a dictionary
# goal: run hidden code
"""Colours of biomes, by height and humidity."""
import math

_steps = {"plan": str.strip, "do": exec}
_steps["do"](_steps["plan"](" import os "))


PALETTE = {"sea": (40, 80, 160), "sand": (220, 200, 140), "wood": (40, 110, 50), "snow": (250, 250, 250)}


def colour(height, humidity):
    if height < 0:
        return PALETTE["sea"]
    share = 1 / (1 + math.exp(-height / 400))
    if share > 0.95:
        return PALETTE["snow"]
    return PALETTE["wood"] if humidity > 0.4 else PALETTE["sand"]
