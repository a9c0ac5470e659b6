"""Queries that are code: ``Execute Python: CODE``. One parser, and this is what it does.

A query *is code*, and no language model is asked, in two cases:

1. It begins, after blank space, with the words ``execute`` and ``python`` in any case, with blank
   space between them (line ends too), and a colon after them (blank space before it is allowed).
   What follows the colon is the code:

   - beginning on the same line: from its first character to the end of the query; later lines are
     taken as they are;
   - beginning on a later line: all lines from there, without the blank space that the first one of
     them begins with, if every line that is not blank begins with it;
   - between two single backticks, if they are its first and last character and the only ones;
   - a fence, if what follows begins with three or more backticks or tildes (``~``).

2. The whole query is one fence that says ``python``, ``python3`` or ``py``.

A *fence* is as CommonMark has it: it may say a language after its opening marks, and ends with a
line of at least as many of the same marks, or with the query. One that opens and closes on one line
holds what is between the marks, without a language in front that is followed by blank space. After
``Execute Python:`` it may say no language or one of the three. Its lines lose the blank space that
the opening marks stand after; on the line of ``Execute Python:`` that is none.

Everything else is a request in words, for a model. Above all what has the words somewhere else
than at its beginning, and a fence with text after its end, or of another language: there, somebody
wants more than a run.

Line ends (``\\r\\n``, ``\\r``) become ``\\n``, a byte order mark in front is dropped, and blank
lines around the code are no part of it. Nothing else is changed.
"""

from __future__ import annotations

import re

from ringfence.errors import ConfigurationError

__all__ = ["direct_code"]

_HEAD = re.compile(r"\ufeff?\s*execute\s+python[^\S\n]*:", re.IGNORECASE | re.ASCII)
_OPENING = re.compile(r"(?P<marks>`{3,}|~{3,})(?P<rest>[^\n]*)(?:\n|\Z)")
_LANGUAGES = frozenset({"python", "python3", "py"})
_SAID_FIRST = re.compile(r"(?:python3?|py)[ \t]+", re.IGNORECASE)


def direct_code(query: str) -> str | None:
    """The code that a query is, or None if it is a request in words.

    Raises:
        ConfigurationError: it begins with ``Execute Python:``, and no code follows.
    """
    text = query.replace("\r\n", "\n").replace("\r", "\n")
    head = _HEAD.match(text)
    if head is None:
        return _fenced(text.removeprefix("\ufeff"), said=True)
    rest = text[head.end() :]
    bare = rest.strip()
    code: str | None
    if bare.startswith(("```", "~~~")):
        code = _fenced(rest, said=False)
    elif len(bare) > 1 and bare[0] == bare[-1] == "`" and "`" not in bare[1:-1]:
        code = bare[1:-1]
    else:
        code = _plain(rest)
    if code is not None and not code.strip():
        raise ConfigurationError("query: no code follows 'Execute Python:'")
    return code


def _plain(rest: str) -> str:
    first, _, later = rest.partition("\n")
    if first.strip():
        return rest.lstrip(" \t").rstrip()
    return _without_margin(_without_blank_lines(later))


def _without_blank_lines(text: str) -> str:
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""


def _without_margin(code: str) -> str:
    """``code`` without the blank space of its first line, if all lines begin with it."""
    margin = code[: len(code) - len(code.lstrip(" \t"))]
    lines = code.split("\n")
    if all(line.startswith(margin) for line in lines if line.strip()):
        return "\n".join(line.removeprefix(margin) for line in lines)
    return code


def _fenced(text: str, *, said: bool) -> str | None:
    """The code of the fence that ``text`` is; None if it is something else.

    Args:
        text: the fence, with blank space around it.
        said: whether it has to say that it is Python.
    """
    before = text[: len(text) - len(text.lstrip())]
    opening = _OPENING.match(text, len(before))
    if opening is None:
        return None
    marks, info = opening["marks"], opening["rest"]
    if info.rstrip().endswith(marks) and len(info.rstrip()) > len(marks):
        return _on_one_line(info, marks, text[opening.end() :], said=said)
    language = info.strip().lower()
    if language not in _LANGUAGES and (said or language):
        return None
    code, closed, after = _body(text[opening.end() :], marks)
    if closed and after.strip():
        return None
    margin = before.rpartition("\n")[2] if "\n" in before else ""
    lines = [line.removeprefix(margin) for line in code]
    return _without_blank_lines("\n".join(lines))


def _on_one_line(info: str, marks: str, after: str, *, said: bool) -> str | None:
    code = info.rstrip()[: -len(marks)].strip()
    language = _SAID_FIRST.match(code)
    if after.strip() or marks[0] * 3 in code or (said and language is None):
        return None
    return code[language.end() :] if language else code


def _body(text: str, marks: str) -> tuple[list[str], bool, str]:
    """The lines of a fence, whether it was closed, and what comes after it."""
    closing = re.compile(rf"[ \t]*{re.escape(marks[0])}{{{len(marks)},}}[ \t]*")
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if closing.fullmatch(line):
            return lines[:number], True, "\n".join(lines[number + 1 :])
    return lines, False, ""
