# technique: none
# goal: Morse and base64 written out by hand, for puzzles

"""Codes: Morse, and base64 by hand (nothing is executed from it; it is text in and text out)."""

import string

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_PLACE = {letter: place for place, letter in enumerate(_ALPHABET)}

_MORSE = dict(
    zip(
        string.ascii_uppercase + string.digits,
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- "
            "...- .-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
        ).split(),
    )
)
_BACK = {code: letter for letter, code in _MORSE.items()}


def to_morse(text):
    return " / ".join(
        " ".join(_MORSE[letter] for letter in word if letter in _MORSE)
        for word in text.upper().split()
    )


def from_morse(code):
    return " ".join("".join(_BACK.get(one, "?") for one in word.split()) for word in code.split("/"))


def _groups(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


def encode(text):
    """Base64 of a text's UTF-8."""
    out = []
    for group in _groups(text.encode("utf-8"), 3):
        value = int.from_bytes(group.ljust(3, b"\0"), "big")
        letters = [_ALPHABET[(value >> shift) & 63] for shift in (18, 12, 6, 0)]
        letters[len(group) + 1 :] = "=" * (3 - len(group))
        out.extend(letters)
    return "".join(out)


def decode(text):
    data = bytearray()
    for group in _groups(text.rstrip("="), 4):
        value = 0
        for letter in group.ljust(4, "A"):
            value = value << 6 | _PLACE[letter]
        data += value.to_bytes(3, "big")[: len(group) * 6 // 8]
    return data.decode("utf-8")
