# technique: none
# goal: German stems, by tables of suffixes and regular expressions

"""Ein kleiner Wortstammfinder für das Deutsche: Umlaute, Endungen, Häufigkeiten."""

import re
import unicodedata
from collections import Counter

_ENDUNGEN = (
    (re.compile(r"(?<=.{3})(?:em|ern|er)$"), ""),
    (re.compile(r"(?<=.{3})(?:en|es|e)$"), ""),
    (re.compile(r"(?<=[bdfghklmnrt])s$"), ""),
    (re.compile(r"(?<=.{4})(?:est|st)$"), ""),
    (re.compile(r"(?<=.{4})(?:isch|lich|heit|keit|ung|ig)$"), ""),
)

_FÜLLWÖRTER = frozenset(
    "der die das und oder aber ein eine einer eines einem einen ist sind war waren nicht mit von "
    "zu im in am an auf für über unter es er sie wir ihr ich du".split()
)

_WORT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*", re.UNICODE)


def _ohne_umlaut(wort):
    # ä wird a und ß wird ss; so finden sich Haus und Häuser
    zerlegt = unicodedata.normalize("NFD", wort.replace("ß", "ss"))
    return "".join(z for z in zerlegt if not unicodedata.combining(z))


def stamm(wort):
    """Der Stamm eines Wortes."""
    wort = _ohne_umlaut(wort.casefold())
    for muster, ersatz in _ENDUNGEN:
        wort = muster.sub(ersatz, wort)
    return wort


def stems(text):
    """Stems of a text, the commonest first."""
    zähler = Counter(
        stamm(wort) for wort in _WORT.findall(text) if wort.casefold() not in _FÜLLWÖRTER
    )
    return sorted(zähler.items(), key=lambda paar: (-paar[1], paar[0]))


def mark(text, word):
    """The text with the forms of a word marked."""
    gesucht = stamm(word)
    return _WORT.sub(lambda m: f"*{m[0]}*" if stamm(m[0]) == gesucht else m[0], text)
