"""RF9xx: the text itself: what it shows, what it hides, and whether it can be read at all."""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.names import BUILTINS_OF_PYTHON
from ringfence.plugins.analysis.rule import Rule, Severity
from ringfence.plugins.analysis.scopes import Scope

__all__ = ["FAMILY", "Mark", "marks"]

RULES = (
    Rule(
        id="RF901",
        name="bidirectional",
        severity="error",
        title="a character that turns the direction of the text",
        explanation="Embeddings, overrides and isolates show code in another order than the one in "
        "which it runs (CVE-2021-42574).",
        remedy="write it as an escape, \\u202e, where it is data",
    ),
    Rule(
        id="RF902",
        name="invisible",
        severity="error",
        title="a character that nobody sees",
        explanation="In a name it makes two that look alike; in a text it carries what is not "
        "read.",
        remedy="remove it, or write it as an escape where it is data",
    ),
    Rule(
        id="RF903",
        name="confusable",
        severity="error",
        title="a name with letters that look like others",
        explanation="A letter of another script stands where an ASCII letter seems to stand "
        "(Unicode TS 39): the name is not the one that is read.",
        remedy="write the name in one script",
    ),
    Rule(
        id="RF904",
        name="changed-by-normalisation",
        severity="error",
        title="a name that Python reads as another",
        explanation="Python reads names in the form NFKC: in bold letters, exec is exec. Who "
        "searches "
        "for it does not find it.",
        remedy="write the name in plain letters",
    ),
    Rule(
        id="RF905",
        name="foreign-encoding",
        severity="error",
        title="an encoding that is not UTF-8",
        explanation="With another encoding the text that runs is not the one that people see.",
        remedy="write the file in UTF-8 and remove the declaration",
    ),
    Rule(
        id="RF906",
        name="control-character",
        severity="error",
        title="a control character",
        explanation="Escape sequences, backspaces and lone carriage returns make a terminal show "
        "another text.",
        remedy="write it as an escape where it is data",
    ),
    Rule(
        id="RF907",
        name="out-of-sight",
        severity="error",
        title="code far to the right of the page",
        explanation="After so much white space nobody looks for code.",
        remedy="put it on a line of its own",
    ),
    Rule(
        id="RF911",
        name="encoded-blob",
        severity="warning",
        title="a long text that looks encoded",
        explanation="Nobody can read what it is: data, or code.",
        remedy="put data into a file of the bundle, in a form that can be read",
    ),
    Rule(
        id="RF912",
        name="encoded-code",
        severity="error",
        title="code in an encoded text",
        explanation="The text decodes to Python. That hides it, and serves nothing else.",
        remedy="write the code out",
    ),
    Rule(
        id="RF921",
        name="unreadable",
        severity="error",
        title="no Python that can be parsed",
        explanation="What cannot be read cannot be judged, and another Python may read it.",
        remedy="mend it; plugins are UTF-8 and the grammar of CPython 3.11 or later",
    ),
    Rule(
        id="RF922",
        name="too-large",
        severity="error",
        title="code that is too large or too deep to analyse",
        explanation="The analysis has fixed bounds, so that no text can keep it busy or end it.",
        remedy="split the module, flatten the expression, or put data into a file of the bundle",
    ),
    Rule(
        id="RF923",
        name="too-tangled",
        severity="error",
        title="code that takes too many steps to follow",
        explanation="Names are followed for a fixed number of steps; beyond it nothing is known.",
        remedy="simplify it; generated tables belong into a file of the bundle",
    ),
)

Mark = tuple[str, int, int, str]
"""Rule, line, column, message."""

_BIDI = "\u202a-\u202e\u2066-\u2069"
_HIDDEN = "\u200b\u2060-\u2065\ufeff\U000e0000-\U000e007f\u180e\u00ad"
_SPECIAL = re.compile(f"[{_BIDI}]|[{_HIDDEN}]|[\u200e\u200f\u061c]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f]")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_FAR = re.compile(r"\S[ \t]{150,}[^\s#]|^[ \t]{200,}[^\s#]", re.MULTILINE)
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f") | frozenset(
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)

_LOOKS_LIKE: Mapping[str, str] = dict(
    zip(
        "асеорхуіјѕһԁԛԝѵАВСЕНІЈКМОРЅТХУԌԚԜοαινρυγκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսցհյՕՏꭰᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᏔᏃɑɡıʟ",
        "aceopxyijshdqwvABCEHIJKMOPSTXYGQWoaivpuykxABEZHIKMNOPTYXonugjjOSDADCEHJKLMPRSTVWZagil",
        strict=False,
    )
)
"""Letters that look like ASCII ones (a part of Unicode TS 39's table): Cyrillic, Greek, Armenian,
Cherokee, and Latin letters of phonetics."""

_MIXES_WELL = frozenset("αβγδεζηθικλμνξπρστυφχψωΔΓΘΛΞΠΣΦΨΩϕϵ")
"""Greek letters that formulas use beside Latin ones: a name may be Δx or θ_max."""

_CODE = re.compile(
    r"(?:^|\n|;)\s*(?:import|from)\s+\w+|\b(?:exec|eval|__import__|getattr|open|print|compile)\s*\("
    r"|\b(?:def|class|lambda)\s+\w+.*:|__\w+__|\b(?:os|sys|subprocess|socket|builtins)\.\w+"
)
_BASE = re.compile(r"[A-Za-z0-9+/=_-]{240,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){150,}")


def marks(text: str) -> Iterator[Mark]:
    """What the text itself shows, before it is parsed."""
    if not text.isascii():
        yield from _special(text)
    for match in _CONTROL.finditer(text):
        yield ("RF906", *_place(text, match.start()), f"U+{ord(match[0]):04X}")
        break
    if "\r" in text and "\n" in text:
        for match in _LONE_RETURN.finditer(text):
            yield ("RF906", *_place(text, match.start()), "a carriage return alone")
            break
    for match in _FAR.finditer(text):
        yield ("RF907", *_place(text, match.end() - 1), "more than 150 columns of white space")
        break


def _special(text: str) -> Iterator[Mark]:
    for count, match in enumerate(_SPECIAL.finditer(text)):
        if count >= 20:
            return
        character = match[0]
        name = f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
        if re.match(f"[{_BIDI}]", character):
            yield ("RF901", *_place(text, match.start()), name)
        elif match.start() or character != "\ufeff":
            yield ("RF902", *_place(text, match.start()), name)


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _names(context: Context) -> None:
    """Names as they stand in the source: the tree has them normalised already."""
    text = context.text
    if text.isascii():
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.string.isascii():
                continue
            place = (token.start[0], token.start[1] + 1)
            if token.type == tokenize.NAME:
                _name(context, token.string, place)
            elif token.type == tokenize.ERRORTOKEN and token.string in _FILLERS:
                # Before Python 3.12 tokenize takes the marks of a name for errors.
                context.report("RF902", place, quoted(token.string))
    except (tokenize.TokenError, SyntaxError, ValueError, IndexError):
        context.report("RF921", (1, 1), "its words cannot be told apart")


def _name(context: Context, name: str, place: tuple[int, int]) -> None:
    if any(letter in _FILLERS for letter in name):
        context.report("RF902", place, f"in the name {quoted(name)}")
        return
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        at_most: Severity = "error" if plain.isascii() else "warning"
        context.report("RF904", place, f"{quoted(name)} is {quoted(plain)}", at_most=at_most)
    looks = "".join(_LOOKS_LIKE.get(letter, letter) for letter in plain)
    if looks == plain:
        return
    latin = any(letter.isascii() and letter.isalpha() for letter in plain)
    foreign = {letter for letter in plain if letter in _LOOKS_LIKE}
    if looks.isascii() and len(plain) > 1 and (not latin or not foreign <= _MIXES_WELL):
        if latin or looks in _KNOWN:
            context.report("RF903", place, f"{quoted(name)} looks like {quoted(looks)}")
    elif latin and not foreign <= _MIXES_WELL:
        context.report("RF903", place, f"{quoted(name)} mixes scripts")


_KNOWN = BUILTINS_OF_PYTHON | {"os", "sys", "self", "io"}


def _constant(context: Context, node: ast.Constant, scope: Scope, role: str) -> None:
    value = node.value
    if not isinstance(value, str | bytes) or len(value) < 240:
        return
    if id(node) in context.ask.found.docstrings:
        return
    if isinstance(value, bytes):
        odd = sum(1 for one in value[:4_000] if one < 9 or 13 < one < 32 or one > 126)
        text = value[:8_000].decode("latin-1")
        if odd * 4 > min(len(value), 4_000):
            context.report("RF911", node, f"{len(value):,} bytes")
            return
    else:
        text = value[:8_000]
    found = _BASE.search(text.replace("\n", "")) or _HEX.search(text.replace("\n", ""))
    if found is not None and _entropy(found[0]) >= 3.0:
        context.report("RF911", node, f"{len(value):,} characters")


def _entropy(text: str) -> float:
    """Shannon's, in bits for a character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values())


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for value in context.values(node, scope):
        text = getattr(value, "value", None)
        if not getattr(value, "assembled", False) or not isinstance(text, str | bytes):
            continue
        shown = text if isinstance(text, str) else text.decode("latin-1")
        if len(shown) >= 8 and _decodes(context, node, scope) and _CODE.search(shown[:20_000]):
            context.report("RF912", node, quoted(shown))


def _decodes(context: Context, node: ast.Call, scope: Scope) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if any(part in name for part in ("decode", "decompress", "unhexlify", "fromhex", "a2b")):
        # b"…".decode() of plain text is no hiding.
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        return not (isinstance(base, ast.Constant) and not node.args)
    return False


FAMILY = Handlers(
    rules=RULES,
    nodes={ast.Constant: (_constant,), ast.Call: (_call,)},
    whole=(_names,),
)
