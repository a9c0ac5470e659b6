"""What an expression may stand for, as far as a text shows without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Literal

from ringfence.plugins.analysis.scopes import Scope

__all__ = [
    "ASSEMBLED",
    "BUILTINS",
    "FRAME",
    "NAMESPACE",
    "UNKNOWN",
    "WALKED",
    "Bound",
    "Const",
    "Local",
    "Made",
    "OwnModule",
    "Partial",
    "Ref",
    "Sequence",
    "Table",
    "Value",
    "Values",
]


@dataclass(frozen=True, slots=True)
class Const:
    """A plain value.

    Attributes:
        value: text, bytes, a number, a truth value or None.
        assembled: whether it was put together or decoded, and stands nowhere as it is.
    """

    value: Any
    assembled: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that a module has which is not the plugin's own: ``os.path.join``.

    Attributes:
        path: its full name; a builtin's begins with ``builtins.``.
        hidden: whether it was reached in a way in which its name does not stand in the text.
    """

    path: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class OwnModule:
    """A module of the plugin."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """A function, lambda or class of the module itself."""

    node: ast.AST
    scope: Scope


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list or tuple that is written out."""

    items: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A dictionary that is written out, with plain keys."""

    items: tuple[tuple[Any, Values], ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of a plain value, or of something made: ``"".join``."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Partial:
    """A callable with its first arguments: of ``functools.partial``, ``attrgetter``, …"""

    function: Value
    arguments: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """Something of which only the kind is known.

    ``assembled``: a text that was put together, and cannot be told; ``walked``: a class or what
    hangs on it, reached from an object; ``frame``; ``code``; ``namespace``: the names of a module,
    ``of`` that module where it is known; ``modules``: of ``sys.modules``; ``result``: what ``of``
    returns; ``unknown``.
    """

    kind: Literal[
        "assembled",
        "walked",
        "frame",
        "code",
        "namespace",
        "modules",
        "result",
        "unknown",
        "exception",
        "prefixed",
    ]
    of: str = ""


Value = Const | Ref | OwnModule | Local | Sequence | Table | Bound | Partial | Made
Values = tuple[Value, ...]

UNKNOWN = Made("unknown")
ASSEMBLED = Made("assembled")
WALKED = Made("walked")
FRAME = Made("frame")
NAMESPACE = Made("namespace")
BUILTINS = Ref("builtins", hidden=True)
