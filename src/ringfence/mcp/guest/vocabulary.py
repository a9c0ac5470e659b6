"""The names that types are written with, in modules where tools may be called the same."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["WORDS", "Vocabulary"]

_BUILTINS = ("bool", "dict", "float", "int", "list", "str")
_TYPING = ("Any", "Literal", "NotRequired", "TypedDict")

WORDS = frozenset(_BUILTINS + _TYPING)
"""What a module's own classes may not be called."""


class Vocabulary:
    """How a module says ``str`` and ``Any``: so, unless one of its functions is called that.

    Args:
        taken: the names of the module's functions.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = frozenset(taken)
        self._used: set[str] = set()

    def __getitem__(self, word: str) -> str:
        """One of :data:`WORDS`, as it has to be written."""
        self._used.add(word)
        if word not in self._taken:
            return word
        return f"_builtins.{word}" if word in _BUILTINS else f"_typing.{word}"

    def imports(self) -> list[str]:
        """The lines that bring what was used."""
        hidden = self._used & self._taken
        plain = sorted(self._used.intersection(_TYPING) - hidden)
        lines = ["import builtins as _builtins"] if hidden.intersection(_BUILTINS) else []
        if hidden.intersection(_TYPING):
            lines.append("import typing as _typing")
        if plain:
            lines.append(f"from typing import {', '.join(plain)}")
        return lines
