"""Tables of a TOML file, added and taken away as whole sections: all else stays, byte for byte.

Only tables that have a header of their own are changed. Whatever else TOML allows (inline tables,
dotted keys) is refused by whoever compares what the new text says with what it should.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from ringfence.mcp.setup.jsonc import NotEditable

__all__ = ["parse", "remove", "replace"]

_HEADER = re.compile(r"^[ \t]*\[\[?(?P<keys>[^\]\n]*)\]\]?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_KEY = re.compile(r"""[ \t]*(?:"(?P<basic>[^"\\]*)"|'(?P<literal>[^']*)'|(?P<bare>[\w-]+))[ \t]*""")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def parse(text: str) -> dict[str, Any]:
    """What the text says.

    Raises:
        NotEditable: it is no TOML.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotEditable(str(error)) from None


def replace(text: str, path: Sequence[str], value: Any) -> str:
    """The text with the table ``value`` at ``path``, at the end of the file where it is new."""
    newline = "\r\n" if "\r\n" in text else "\n"
    section = newline.join(_section(path, value)) + newline
    spans = _spans(text, path)
    if spans:
        start = spans[0][0]
        rest = text[spans[-1][1] :]
        return text[:start] + section + (newline if rest.strip() else "") + rest
    if text and not text.endswith("\n"):
        text += newline
    return text + (newline if text.strip() else "") + section


def remove(text: str, path: Sequence[str]) -> str:
    """The text without the table at ``path`` and those below it. The same if it is not there."""
    for start, end in reversed(_spans(text, path)):
        before, after = text[:start].rstrip("\r\n"), text[end:].lstrip("\r\n")
        between = "" if not before.strip() else "\n\n" if after.strip() else "\n"
        text = before + between + after
    return text


def _keys(text: str) -> list[str] | None:
    keys = []
    for part in text.split("."):
        match = _KEY.fullmatch(part)
        if match is None:
            return None
        keys.append(next(one for one in match.groups() if one is not None))
    return keys


def _spans(text: str, path: Sequence[str]) -> list[tuple[int, int]]:
    """Where the table and those below it are: from each header to the last line that says
    something. Comments before the next header are about that one.
    """
    headers = [(match.start(), _keys(match["keys"])) for match in _HEADER.finditer(text)]
    ends = [start for start, _ in headers[1:]] + [len(text)]
    wanted = list(path)
    return [
        (start, start + _without_comments(text[start:end]))
        for (start, keys), end in zip(headers, ends, strict=False)
        if keys is not None and keys[: len(wanted)] == wanted
    ]


def _without_comments(section: str) -> int:
    """Where the last line ends that says something."""
    lines = section.splitlines(keepends=True)
    while len(lines) > 1 and lines[-1].strip()[:1] in ("", "#"):
        lines.pop()
    return sum(map(len, lines))


def _section(path: Sequence[str], value: Mapping[str, Any]) -> list[str]:
    """A table as lines; tables within it follow it under headers of their own."""
    lines = [f"[{'.'.join(_key(one) for one in path)}]"]
    lines += [
        f"{_key(key)} = {_plain(one)}" for key, one in value.items() if not isinstance(one, Mapping)
    ]
    for key, one in value.items():
        if isinstance(one, Mapping):
            lines += ["", *_section([*path, key], one)]
    return lines


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _string(text)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_plain(one) for one in value) + "]"
    raise NotEditable(f"a {type(value).__name__} cannot be written as TOML")
