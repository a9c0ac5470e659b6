"""Labels broken into lines of a width."""
import string
import textwrap
import unicodedata

_TEMPLATE = string.Template("$name ($height m)")


def width(text):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def label(name, height, columns=20):
    text = _TEMPLATE.substitute(name=name, height=round(height))
    return textwrap.fill(text, columns)
