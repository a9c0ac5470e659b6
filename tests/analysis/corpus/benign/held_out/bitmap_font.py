# technique: none
# goal: text as pixels, glyphs held as hexadecimal constants
# packages: numpy

import numpy as np

# five bits a row, seven rows, the top row in the highest bits
_GLYPHS = bytes.fromhex(
    "0e11131519110e" "040c040404040e" "0e11010204081f" "1f02040201110e" "02060a121f0202"
    "1f101e0101110e" "0608101e11110e" "1f010204080808" "0e11110e11110e" "0e11110f01020c"
    "0e11111f111111" "1e11111e11111e" "0e11101010110e" "1c12111111121c" "1f10101e10101f"
    "1f10101e101010" "0e11101711110f" "1111111f111111" "0e04040404040e" "0702020202120c"
    "11121418141211" "1010101010101f" "111b1515111111" "11111915131111" "0e11111111110e"
    "1e11111e101010" "0e11111115120d" "1e11111e141211" "0f10100e01011e" "1f040404040404"
    "1111111111110e" "11111111110a04" "11111115151b11" "11110a040a1111" "11110a04040404"
    "1f01020408101f"
)  # fmt: skip

_ORDER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROWS, _COLUMNS = 7, 5


def glyph(letter):
    """Pixels of a letter: a boolean array of 7 by 5."""
    place = _ORDER.find(letter.upper())
    if place < 0:
        return np.zeros((_ROWS, _COLUMNS), dtype=bool)
    rows = np.frombuffer(_GLYPHS, dtype=np.uint8, count=_ROWS, offset=place * _ROWS)
    return (rows[:, None] >> np.arange(_COLUMNS - 1, -1, -1)) & 1 == 1


def render(text, *, scale=1, gap=1):
    """A line of text as a boolean picture."""
    parts = []
    for letter in text:
        parts += [glyph(letter), np.zeros((_ROWS, gap), dtype=bool)]
    if not parts:
        return np.zeros((_ROWS * scale, 0), dtype=bool)
    line = np.concatenate(parts[:-1], axis=1)
    return np.kron(line, np.ones((scale, scale), dtype=bool)).astype(bool)


def ascii_art(text):
    return "\n".join("".join(" #"[int(p)] for p in row).rstrip() for row in render(text))
