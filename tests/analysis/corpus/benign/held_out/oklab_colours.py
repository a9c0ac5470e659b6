# technique: none
# goal: colours in Oklab; a small value class with operators

"""Couleurs perceptuelles : sRGB ↔ Oklab (Björn Ottosson), mélange et écart ΔE."""

import math
from dataclasses import astuple, dataclass, replace

_M1 = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_M2 = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_M2I = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_M1I = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def _times(matrix, vector):
    return tuple(sum(m * v for m, v in zip(row, vector)) for row in matrix)


@dataclass(frozen=True)
class Lab:
    """Oklab: lightness, green to red, blue to yellow."""

    L: float
    a: float
    b: float

    @classmethod
    def from_hex(cls, text):
        channels = [int(text.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return cls(*_times(_M2, [math.cbrt(v) for v in _times(_M1, linear)]))

    def hex(self):
        linear = _times(_M1I, [v**3 for v in _times(_M2I, astuple(self))])
        channels = []
        for c in linear:
            c = min(max(c, 0.0), 1.0)
            c = 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
            channels.append(round(255 * c))
        return "#{:02x}{:02x}{:02x}".format(*channels)

    def __or__(self, other):
        """Halfway between two colours."""
        return Lab(*((p + q) / 2 for p, q in zip(astuple(self), astuple(other))))

    def __sub__(self, other):
        return math.dist(astuple(self), astuple(other))


def mix(one, other):
    return (Lab.from_hex(one) | Lab.from_hex(other)).hex()


def difference(one, other):
    return Lab.from_hex(one) - Lab.from_hex(other)


def lighter(colour, amount=0.1):
    lab = Lab.from_hex(colour)
    return replace(lab, L=min(lab.L + amount, 1.0)).hex()
