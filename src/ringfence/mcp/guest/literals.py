"""Texts of servers in source text: literals and documentation, which nothing can end early."""

from __future__ import annotations

__all__ = ["docstring", "literal", "shown"]

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def literal(value: str | int | bool | None) -> str:
    """A value of exactly one of these types, as source text."""
    if type(value) not in {str, int, bool, type(None)}:
        raise TypeError(f"{type(value).__name__} is not written as a literal")
    return repr(value)


def docstring(text: str, indent: str) -> str:
    """A text as a documentation string, over as many lines as it has.

    All quotes and backslashes are escaped, and so is every character that does not print, those
    that change the direction of text among them.
    """
    lines = [_escaped(line.rstrip()) for line in text.strip().split("\n")]
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""'
    body = "\n".join(f"{indent}{line}" if line else "" for line in lines)
    return f'{indent}"""{body.removeprefix(indent)}\n{indent}"""'


def shown(text: str, most: int) -> str:
    """A text of a server's in one line of bounded length, for a listing."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _escaped(line: str) -> str:
    plain = line.translate(_ESCAPED)
    if plain.isprintable():
        return plain
    return "".join(one if one.isprintable() else _escape(one) for one in plain)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
