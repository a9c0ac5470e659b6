# technique: Cyrillic look-alike of a function's name, and a fullwidth eval
# goal: call another function than the one that a reader sees

import math


def bearing(lat1, lon1, lat2, lon2):
    """Initial bearing of the great circle, in degrees."""
    a, b = math.radians(lat1), math.radians(lat2)
    d = math.radians(lon2 - lon1)
    y = math.sin(d) * math.cos(b)
    x = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(d)
    return math.degrees(math.atan2(y, x)) % 360


def normalise(text):
    return float(text.strip().rstrip("°"))


def nоrmаlise(text):
    return ｅｖａｌ(text.strip().rstrip("°"))


def parse(text):
    """Two comma separated angles."""
    first, second = text.split(",", 1)
    return normalise(first), nоrmаlise(second)
