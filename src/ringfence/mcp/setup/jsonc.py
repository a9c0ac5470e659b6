"""JSON with comments, changed member by member: all that is not changed stays, byte for byte.

Editors keep their settings in JSON that people comment and align. Writing such a file anew would
lose that, and would make the diff that a person consents to longer than the change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["NotEditable", "parse", "remove", "replace"]

_DEEPEST = 100
_BLANK = re.compile(r"(?:[ \t\r\n]|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\n]*?\*/[ \t]*)?(?=\r?\n)")


class NotEditable(ValueError):
    """The text is not what it should be; the message says where, by line."""


@dataclass(frozen=True)
class _Node:
    start: int
    end: int
    value: Any
    members: list[_Member] | None = None  # of an object


@dataclass(frozen=True)
class _Member:
    key: str
    start: int
    node: _Node
    comma: int | None = field(default=None)  # where the comma after it is


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 1 if text.startswith("\ufeff") else 0

    def document(self) -> _Node:
        self._blank()
        node = self._value(0)
        self._blank()
        if self._at != len(self._text):
            raise self._wrong("there is more after its end")
        return node

    def _wrong(self, what: str) -> NotEditable:
        return NotEditable(f"line {self._text.count(chr(10), 0, self._at) + 1}: {what}")

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _value(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise self._wrong(f"more than {_DEEPEST} levels deep")
        first = self._text[self._at : self._at + 1]
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        start = self._at
        match = (_STRING if first == '"' else _SCALAR).match(self._text, start)
        if match is None:
            raise self._wrong("a value is expected here")
        self._at = match.end()
        try:
            return _Node(start, self._at, json.loads(match[0]))
        except ValueError as error:
            self._at = start
            raise self._wrong(str(error)) from None

    def _comma(self, closing: str) -> int | None:
        """After a part: where its comma is, or None before the closing bracket."""
        self._blank()
        found = self._text[self._at : self._at + 1]
        if found == ",":
            at = self._at
            self._at += 1
            self._blank()
            return at
        if found != closing:
            raise self._wrong(f"a comma or {closing} is expected here")
        return None

    def _array(self, depth: int) -> _Node:
        start = self._at
        self._at += 1
        self._blank()
        values = []
        while self._text[self._at : self._at + 1] != "]":
            values.append(self._value(depth + 1).value)
            self._comma("]")
        self._at += 1
        return _Node(start, self._at, values)

    def _object(self, depth: int) -> _Node:
        start = self._at
        self._at += 1
        self._blank()
        members: list[_Member] = []
        value: dict[str, Any] = {}
        while self._text[self._at : self._at + 1] != "}":
            at = self._at
            if self._text[at : at + 1] != '"':
                raise self._wrong('a name in "…" is expected here')
            key = self._value(depth).value
            if key in value:
                raise self._wrong(f"{key!r} is there twice")
            self._blank()
            if self._text[self._at : self._at + 1] != ":":
                raise self._wrong("a colon is expected here")
            self._at += 1
            self._blank()
            node = self._value(depth + 1)
            value[key] = node.value
            members.append(_Member(key, at, node, self._comma("}")))
        self._at += 1
        return _Node(start, self._at, value, members)


def _root(text: str) -> _Node:
    node = _Parser(text).document()
    if node.members is None:
        raise NotEditable("line 1: it is no object")
    return node


def parse(text: str) -> dict[str, Any]:
    """What the text says; of an empty one, an empty object.

    Raises:
        NotEditable: it is no object in JSON with comments.
    """
    if not text.strip("\ufeff \t\r\n"):
        return {}
    try:  # most files have no comments, and some have megabytes of history
        value: Any = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_once, parse_constant=_none
        )
    except (ValueError, RecursionError):
        value = _root(text).value
    if not isinstance(value, dict):
        raise NotEditable("line 1: it is no object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _none(_: str) -> Any:
    raise ValueError


def replace(text: str, path: Sequence[str], value: Any) -> str:
    """The text with ``value`` at ``path``; objects on the way are made where there are none.

    Raises:
        NotEditable: something on the way is no object.
    """
    if not text.strip("\ufeff \t\r\n"):
        text = "{}\n"
    style = _Style.of(text)
    node = _root(text)
    for depth, key in enumerate(path):
        if node.members is None:
            raise NotEditable(f"{'.'.join(path[:depth])} is no object")
        found = next((one for one in node.members if one.key == key), None)
        if found is None:
            for inner in reversed(path[depth + 1 :]):
                value = {inner: value}
            return _insert(text, node, key, value, style)
        node = found.node
    shown = style.dump(value, style.indent_at(text, node.start))
    return text[: node.start] + shown + text[node.end :]


def remove(text: str, path: Sequence[str]) -> str:
    """The text without the member at ``path``; comments beside it stay.

    The same text if there is no such member.

    Raises:
        NotEditable: something on the way is no object.
    """
    node = _root(text)
    siblings: list[_Member] = []
    index = -1
    for depth, key in enumerate(path):
        if node.members is None:
            raise NotEditable(f"{'.'.join(path[:depth])} is no object")
        siblings = node.members
        index = next((at for at, one in enumerate(siblings) if one.key == key), -1)
        if index < 0:
            return text
        node = siblings[index].node
    gone = siblings[index]
    end = gone.node.end if gone.comma is None else gone.comma + 1
    start = gone.start
    comma = siblings[index - 1].comma if gone.comma is None and index > 0 else None
    line_start = text.rfind("\n", 0, start) + 1
    if not text[line_start:start].strip():  # it has lines of its own: they go
        rest = re.compile(r"[ \t]*\r?\n").match(text, end)
        if rest is not None:
            start, end = line_start, rest.end()
    elif comma is not None and not text[comma + 1 : start].strip():
        start = comma + 1
    else:
        while text[end : end + 1] == " ":
            end += 1
    if comma is None:
        return text[:start] + text[end:]
    return text[:comma] + text[comma + 1 : start] + text[end:]


@dataclass(frozen=True)
class _Style:
    """How a file is laid out.

    Attributes:
        unit: of indentation.
        newline: what ends its lines.
    """

    unit: str
    newline: str

    @classmethod
    def of(cls, text: str) -> _Style:
        match = re.search(r'^([ \t]+)"', text, re.MULTILINE)
        return cls(match[1] if match else "  ", "\r\n" if "\r\n" in text else "\n")

    @staticmethod
    def indent_at(text: str, at: int) -> str:
        line = text[text.rfind("\n", 0, at) + 1 : at]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def dump(self, value: Any, indent: str) -> str:
        lines = json.dumps(value, indent=self.unit, ensure_ascii=False).split("\n")
        return (self.newline + indent).join(lines)


def _insert(text: str, node: _Node, key: str, value: Any, style: _Style) -> str:
    """A new member at the end of an object."""
    assert node.members is not None
    name = json.dumps(key, ensure_ascii=False)
    if not node.members:
        outer = style.indent_at(text, node.start)
        inner = outer + style.unit
        head = text[: node.end - 1].rstrip(" \t\r\n")
        member = f"{name}: {style.dump(value, inner)}"
        return f"{head}{style.newline}{inner}{member}{style.newline}{outer}" + text[node.end - 1 :]
    last = node.members[-1]
    at = last.node.end if last.comma is None else last.comma + 1
    comma = "," if last.comma is None else ""
    if "\n" not in text[node.start : node.members[0].start]:  # all on one line
        return f"{text[:at]}{comma} {name}: {json.dumps(value, ensure_ascii=False)}{text[at:]}"
    indent = style.indent_at(text, node.members[0].start)
    member = f"{style.newline}{indent}{name}: {style.dump(value, indent)}"
    comment = _REST_OF_LINE.match(text, at)
    end = comment.end() if comment else at
    after = "," if last.comma is not None else ""  # who ends members with commas goes on so
    return f"{text[:at]}{comma}{text[at:end]}{member}{after}{text[end:]}"
