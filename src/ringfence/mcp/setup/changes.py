"""What is to be changed in a client's file: planned, shown as a diff, and checked before it counts.

A file is changed in its text, so that its owner's layout and comments stay. What the new text says
is then compared with what it should say: a file whose layout nobody foresaw is refused, not
broken.
"""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ringfence.errors import ConfigurationError
from ringfence.mcp.setup import jsonc, toml
from ringfence.mcp.setup.files import read_file
from ringfence.mcp.setup.hiding import hide

__all__ = ["GONE", "Document", "Edit", "FileChange", "change_file"]

Language = Literal["json", "toml"]


class _Gone:
    """In the place of a value: there is none."""

    def __repr__(self) -> str:
        return "GONE"


GONE = _Gone()


@dataclass(frozen=True)
class Document:
    """A configuration file as it is.

    Attributes:
        path: of the file itself, no link.
        language: what it is written in.
        content: its bytes; None where there is no file.
        text: its text.
        value: what it says.
    """

    path: Path
    language: Language
    content: bytes | None
    text: str
    value: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, language: Language) -> Document:
        """Read a file, which need not be there.

        Raises:
            ConfigurationError: it cannot be read, or is not written in its language.
        """
        return cls.of(path, language, read_file(path))

    @classmethod
    def of(cls, path: Path, language: Language, content: bytes | None) -> Document:
        """The same of bytes that are, or will be, in a file.

        Raises:
            ConfigurationError: they are not written in its language.
        """
        try:
            text = (content or b"").decode()
            return cls(path, language, content, text, _module(language).parse(text))
        except (UnicodeDecodeError, jsonc.NotEditable) as error:
            raise ConfigurationError(
                f"{path} is not understood, and is left as it is: {error}"
            ) from None

    def at(self, path: Sequence[str]) -> Any:
        """What it says at a path of keys, or :data:`GONE`."""
        found: Any = self.value
        for key in path:
            if not isinstance(found, Mapping) or key not in found:
                return GONE
            found = found[key]
        return found


@dataclass(frozen=True)
class Edit:
    """One member that is set, or taken away.

    Attributes:
        path: of keys, to the member.
        value: what is to be there; :data:`GONE`: nothing.
    """

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True)
class FileChange:
    """A file before and after.

    Attributes:
        path: of the file.
        language: what it is written in.
        before: its bytes; None where there is none.
        after: what is to be there; None: no file.
        back: the edits that take the change back.
        table: the keys to the table that is shown.
        private: whether the file is for its owner's eyes only.
    """

    path: Path
    language: Language
    before: bytes | None
    after: bytes | None
    back: tuple[Edit, ...]
    table: tuple[str, ...]
    private: bool = False

    def diff(self) -> Iterator[str]:
        """The servers before and after, as lines of a unified diff. Secrets are hidden."""
        before, after = self._shown(self.before), self._shown(self.after)
        old = "/dev/null" if self.before is None else str(self.path)
        new = "/dev/null" if self.after is None else str(self.path)
        return difflib.unified_diff(before, after, old, new, n=2, lineterm="")

    def _shown(self, content: bytes | None) -> list[str]:
        if content is None:
            return []
        value: Any = _module(self.language).parse(content.decode())
        for key in self.table:
            value = value.get(key, {}) if isinstance(value, Mapping) else {}
        hidden = hide(value)
        if self.language == "toml":
            text = ""
            for name, entry in hidden.items() if isinstance(hidden, Mapping) else ():
                text = toml.replace(text, (*self.table, name), entry)
        else:
            for key in reversed(self.table):
                hidden = {key: hidden}
            text = json.dumps(hidden, indent=2, ensure_ascii=False)
        return text.split("\n")  # of ours: others' line ends are within texts


def change_file(
    document: Document, edits: Sequence[Edit], table: tuple[str, ...], *, private: bool = False
) -> FileChange | None:
    """Plan edits of a file; None where it says all of it already.

    Raises:
        ConfigurationError: the file is laid out so that it cannot be changed safely.
    """
    module = _module(document.language)
    text = document.text
    expected = copy.deepcopy(dict(document.value))
    back: list[Edit] = []
    for edit in edits:
        was = document.at(edit.path)
        if was == edit.value:
            continue
        back.append(Edit(edit.path, was))
        try:
            if edit.value is GONE:
                text = module.remove(text, edit.path)
            else:
                text = module.replace(text, edit.path, edit.value)
        except jsonc.NotEditable as error:
            raise ConfigurationError(
                f"{document.path} is left as it is, change it by hand: {error}"
            ) from None
        _apply(expected, edit)
    if not back:
        return None
    try:
        said: Any = module.parse(text)
    except jsonc.NotEditable:
        said = None
    # A table of TOML's that lost its last section is gone itself.
    if said is None or _without_empty(said, table) != _without_empty(expected, table):
        raise ConfigurationError(
            f"{document.path} is laid out in a way that cannot be changed safely: it is left as it "
            f"is, change {'.'.join(edits[0].path)} by hand"
        )
    return FileChange(
        document.path,
        document.language,
        document.content,
        text.encode(),
        tuple(reversed(back)),
        table,
        private,
    )


def _module(language: Language) -> Any:
    return jsonc if language == "json" else toml


def _apply(value: dict[str, Any], edit: Edit) -> None:
    at: Any = value
    for key in edit.path[:-1]:
        at = at.setdefault(key, {})
    if edit.value is GONE:
        at.pop(edit.path[-1], None)
    else:
        at[edit.path[-1]] = edit.value


def _without_empty(value: dict[str, Any], table: tuple[str, ...]) -> dict[str, Any]:
    if len(table) == 1 and value.get(table[0]) == {}:
        return {key: one for key, one in value.items() if key != table[0]}
    return value
