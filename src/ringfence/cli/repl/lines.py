"""What typed lines mean: where a block of source ends, and what is a command.

Source is compiled here to see whether it is whole, and never executed: that is the guest's. What
this Python finds wrong is handed to the guest too, which may be another Python, and says so itself.
"""

from __future__ import annotations

import ast
import codeop
import re
import shlex
import warnings
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ringfence.errors import ConfigurationError

__all__ = ["Command", "blocks", "is_command", "needs_more", "read_command"]

_COMPOUND = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor),
    *(ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
)
_CONTINUES = re.compile(r"\s|#|(?:else|elif|except|finally)\b")
_LONGEST = 1_000_000

State = Literal["whole", "open", "wrong"]


class Command(NamedTuple):
    """``%name word word …``."""

    name: str
    words: tuple[str, ...]


def is_command(text: str) -> bool:
    """Whether a block that begins like this is a command: no Python does."""
    return text.lstrip().startswith("%")


def read_command(text: str) -> Command:
    """The command, its words split as a shell splits them.

    Raises:
        ConfigurationError: a quote is not closed.
    """
    try:
        name, *words = shlex.split(text.strip().removeprefix("%")) or [""]
    except ValueError as error:
        raise ConfigurationError(f"this command cannot be read: {error}") from None
    return Command(name, tuple(words))


def _state(source: str) -> State:
    if len(source) > _LONGEST:
        return "whole"  # each look costs as much as all of it
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the guest will warn
            return "open" if compiler(source, "<input>", "exec") is None else "whole"
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return "wrong"


def _last_is_compound(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(body) and isinstance(body[-1], _COMPOUND)


def needs_more(text: str) -> bool:
    """Whether a person who presses Enter after ``text`` wants another line.

    A compound statement of several lines ends with an empty line; everything else when it is whole.
    """
    if is_command(text):
        return False
    state = _state(text)
    if state != "whole":
        return state == "open"
    last = text.rpartition("\n")[2]
    return "\n" in text and bool(last.strip()) and _last_is_compound(text)


def blocks(lines: Iterable[str]) -> Iterator[str]:
    """The commands, statements and compound statements of a text, each as soon as it is whole.

    A compound statement is whole when the next one begins, so that it may have empty lines.

    Args:
        lines: each with its line end, or without.
    """
    held: list[str] = []
    for raw in lines:
        line = raw.rstrip("\r\n")
        if held and line.strip() and not _CONTINUES.match(line):
            before = "\n".join(held)
            if _state(before) == "whole":
                held = []
                yield before
        if not held:
            if not line.strip() or line.startswith("#"):
                continue
            if is_command(line):
                yield line
                continue
        held.append(line)
        text = "\n".join(held)
        state = _state(text)
        if state == "wrong" or (state == "whole" and not _last_is_compound(text)):
            held = []
            yield text
    if held:
        yield "\n".join(held)
