"""Names of a module: which scope has them, and all that is ever bound to each.

The order of statements is not followed: a name stands for everything that its scope binds to it.
That is what makes it hold for loops, branches and functions that run later, and it errs on the
side of seeing more.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Binding", "Scope", "bind_target"]

Kind = Literal[
    "value", "element", "item", "import", "from", "function", "class", "parameter", "unknown"
]


@dataclass(frozen=True, slots=True)
class Binding:
    """One thing that is bound to a name.

    Attributes:
        kind: ``value`` of ``node``; an ``element`` of ``node``, which is iterated; the ``item`` of
            ``node`` at ``path``; ``import`` of the module ``module``; ``from`` the module
            ``module`` the name ``name``; the ``function`` or ``class`` ``node``; a ``parameter``
            whose default is ``node``; ``unknown``.
        node: where it comes from.
        scope: where ``node`` is evaluated.
    """

    kind: Kind
    node: ast.AST | None = None
    scope: Scope | None = None
    path: tuple[int, ...] = ()
    module: str = ""
    name: str = ""


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function or comprehension."""

    kind: Literal["module", "class", "function", "comprehension"]
    parent: Scope | None = None
    node: ast.AST | None = None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)  # name -> "global" or "nonlocal"

    def module(self) -> Scope:
        """The outermost."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str, binding: Binding) -> None:
        """Add what may be bound to a name."""
        scope: Scope = self
        how = self.passed.get(name)
        if how == "global":
            scope = self.module()
        elif how == "nonlocal" and (owner := self.parent and self.parent.owner(name)) is not None:
            scope = owner
        scope.names.setdefault(name, []).append(binding)

    def owner(self, name: str) -> Scope | None:
        """The scope whose name it is when it is read here; None for a builtin."""
        scope: Scope | None = self
        if self.passed.get(name) == "global":
            scope = self.module()
        first = True
        while scope is not None:
            if name in scope.names and (first or scope.kind != "class"):
                return scope
            scope, first = scope.parent, False
        return None

    def walrus(self) -> Scope:
        """Where ``:=`` binds: the scope around comprehensions."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


def bind_target(
    scope: Scope, target: ast.AST, kind: Kind, node: ast.AST | None, where: Scope
) -> None:
    """Bind the names of an assignment's target, also those within tuples."""
    pending: list[tuple[ast.AST, tuple[int, ...], bool]] = [(target, (), False)]
    while pending:
        one, path, starred = pending.pop()
        if isinstance(one, ast.Name):
            if starred or (path and kind == "element" and len(path) > 4):
                scope.bind(one.id, Binding("unknown"))
            elif path and kind == "value":
                scope.bind(one.id, Binding("item", node, where, path))
            else:
                scope.bind(one.id, Binding(kind, node, where, path))
        elif isinstance(one, ast.Tuple | ast.List):
            for index, part in enumerate(one.elts):
                pending.append((part, (*path, index), starred))
        elif isinstance(one, ast.Starred):
            pending.append((one.value, path, True))
