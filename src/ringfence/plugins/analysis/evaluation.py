"""What expressions of a module may stand for: aliases, constants, what was put together.

Follows names to all that is bound to them, folds what only computes, and looks through the module's
own functions. Every question costs steps, and a module has a fixed number of them: beyond it all is
unknown, and :attr:`Evaluator.exhausted` says so, which is a finding.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from contextlib import contextmanager
from typing import Any

from ringfence.plugins.analysis.calls import Calls
from ringfence.plugins.analysis.expressions import Expressions
from ringfence.plugins.analysis.names import BUILTINS_OF_PYTHON
from ringfence.plugins.analysis.plain import MOST_VALUES, distinct
from ringfence.plugins.analysis.reaching import attribute_of, import_of, item_of
from ringfence.plugins.analysis.scopes import Binding, Scope
from ringfence.plugins.analysis.survey import Survey
from ringfence.plugins.analysis.values import (
    ASSEMBLED,
    UNKNOWN,
    Const,
    Local,
    Made,
    OwnModule,
    Partial,
    Ref,
    Sequence,
    Table,
    Value,
    Values,
)

__all__ = ["Evaluator", "Modules"]

_MOST_STEPS = 60_000
_STEPS_OF_A_NODE = 4
_MOST_DEPTH = 40
_MOST_INLINED = 4


class Modules:
    """The plugin's own modules, by name, each with its evaluator."""

    def __init__(self, names: Many[str]) -> None:
        self.names = frozenset(names)
        self.packages = frozenset(
            name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)
        )
        self.evaluators: dict[str, Evaluator] = {}

    def resolve(self, module: str, within: str, *, is_package: bool) -> str | None:
        """The full name of an own module as an import names it; None if it is another's."""
        level = len(module) - len(module.lstrip("."))
        name = module.lstrip(".")
        if level:
            parts = within.split(".") if within else []
            parts = parts[: len(parts) - level + (1 if is_package else 0)]
            return ".".join([*parts, name] if name else parts)
        if name in self.names or name in self.packages:
            return name
        return None


class Evaluator:
    """Answers for one module.

    Attributes:
        exhausted: whether its steps were used up.
        found: what was found of the module.
    """

    def __init__(self, modules: Modules, name: str, found: Survey, *, is_package: bool) -> None:
        self.modules = modules
        self.name = name
        self.found = found
        self.is_package = is_package
        self.exhausted = False
        self._left = _MOST_STEPS + found.nodes * _STEPS_OF_A_NODE
        self._depth = 0
        self._memo: dict[int, Values] = {}
        self._names: dict[tuple[int, str], Values] = {}
        self._busy: set[object] = set()
        self._overlays: list[tuple[Scope, dict[str, Values]]] = []
        self._inlined = 0
        self._asked = 0
        self._open: list[tuple[int, str]] = []  # names that are being followed
        self._waiting: dict[tuple[int, str], set[tuple[int, str]]] = {}
        self._returns: dict[tuple[int, tuple[Values, ...]], Values] = {}
        self._kinds: dict[type[ast.AST], Callable[[Any, Scope], Values]] = {
            **Expressions(self).kinds,
            ast.Name: self._name,
            ast.Call: Calls(self).values,
        }

    # ------------------------------------------------------------------ expressions

    def values(self, node: ast.AST, scope: Scope) -> Values:
        """All that an expression may stand for, as far as it is known."""
        key = id(node)
        if not self._overlays:
            known = self._memo.get(key)
            if known is not None:
                return known
        kind = self._kinds.get(type(node))
        if kind is None:
            return (UNKNOWN,)
        if not self._step() or self._depth >= _MOST_DEPTH or key in self._busy:
            return (ASSEMBLED,) if self._depth >= _MOST_DEPTH else (UNKNOWN,)
        self._busy.add(key)
        self._depth += 1
        try:
            found = distinct(kind(node, scope))
        finally:
            self._depth -= 1
            self._busy.discard(key)
        if not self._overlays:
            self._memo[key] = found
        return found

    def spend(self, cost: int) -> bool:
        """Take steps; False when there are none left."""
        return self._step(cost)

    def asked(self, name: str) -> Values:
        """What a name of this module stands for, asked by another module of the plugin."""
        if self._asked >= 8:
            return (UNKNOWN,)
        self._asked += 1
        try:
            return self.name_values(name, self.found.scope)
        finally:
            self._asked -= 1

    def _step(self, cost: int = 1) -> bool:
        self._left -= cost
        if self._left < 0:
            self.exhausted = True
        return not self.exhausted

    def _name(self, node: ast.Name, scope: Scope) -> Values:
        return self.name_values(node.id, scope)

    def name_values(self, name: str, scope: Scope) -> Values:
        """All that a name may stand for where it is read."""
        owner = scope.owner(name)
        if owner is None:
            if name == "__builtins__":
                return (Ref("builtins", hidden=True),)
            return (Ref(f"builtins.{name}"),) if name in BUILTINS_OF_PYTHON else (UNKNOWN,)
        if self._overlays:
            for laid_over, names in reversed(self._overlays):
                if laid_over is owner and name in names:
                    return names[name]
            if self._is_overlaid(owner):
                return self._fresh(owner, name)
            overlays, self._overlays = self._overlays, []
            try:
                return self._remembered(owner, name)
            finally:
                self._overlays = overlays
        return self._remembered(owner, name)

    def _is_overlaid(self, owner: Scope) -> bool:
        laid_over = {id(scope) for scope, _ in self._overlays}
        scope: Scope | None = owner
        while scope is not None:
            if id(scope) in laid_over:
                return True
            scope = scope.parent
        return False

    def _remembered(self, owner: Scope, name: str) -> Values:
        key = (id(owner), name)
        known = self._names.get(key)
        if known is not None:
            return known
        if key in self._open:
            # A circle: those on it get what this name comes to, once that is known.
            place = self._open.index(key)
            self._waiting.setdefault(key, set()).update(self._open[place + 1 :])
            return ()
        if self._depth >= _MOST_DEPTH:
            return (UNKNOWN,)
        self._open.append(key)
        try:
            values = self._fresh(owner, name)
        finally:
            self._open.pop()
        self._names[key] = values
        for other in self._waiting.pop(key, ()):
            if other in self._names:
                self._names[other] = distinct((*self._names[other], *values))
        return values

    def _fresh(self, owner: Scope, name: str) -> Values:
        key = (id(owner), name)
        if key in self._busy or not self._step():
            return ()
        self._busy.add(key)
        self._depth += 1
        try:
            found: list[Value] = []
            for binding in owner.names[name][: MOST_VALUES * 2]:
                found.extend(self._bound(binding))
        finally:
            self._depth -= 1
            self._busy.discard(key)
        return distinct(tuple(found)) or (UNKNOWN,)

    def _bound(self, binding: Binding) -> Values:
        node, scope = binding.node, binding.scope
        if binding.kind in ("import", "from"):
            return import_of(self, binding.module, binding.name)
        if binding.kind in ("function", "class"):
            assert node is not None
            assert scope is not None
            return (Local(node, scope),)
        if binding.kind == "unknown":
            return (Made("exception"),) if binding.name == "exception" else (UNKNOWN,)
        if node is None or scope is None:
            return (UNKNOWN,)
        if binding.kind == "value":
            return self.values(node, scope)
        if binding.kind == "parameter":
            return (*self.values(node, scope), UNKNOWN)
        values = self.values(node, scope)
        if binding.kind == "element":
            values = tuple(itertools.chain.from_iterable(map(self.elements, values)))
        for position in binding.path:
            values = tuple(
                itertools.chain.from_iterable(item_of(self, one, position) for one in values)
            )
        return values or (UNKNOWN,)

    def elements(self, value: Value) -> Values:
        """What iterating over a value gives, at most :data:`MOST_VALUES` of them."""
        if isinstance(value, Sequence):
            return tuple(itertools.chain.from_iterable(value.items[:MOST_VALUES]))
        if isinstance(value, Table):
            return tuple(Const(key) for key, _ in value.items[:MOST_VALUES])
        if isinstance(value, Const) and isinstance(value.value, str):
            return tuple(Const(one, value.assembled) for one in value.value[:MOST_VALUES])
        if isinstance(value, Made) and value.kind == "walked":
            return (value,)
        return (UNKNOWN,)

    def attributes(self, values: Values, name: str, *, hidden: bool = False) -> Values:
        """The attribute of each."""
        return distinct(
            tuple(
                itertools.chain.from_iterable(
                    attribute_of(self, one, name, hidden=hidden) for one in values
                )
            )
        )

    # ------------------------------------------------------------------ own functions

    @contextmanager
    def overlaid(self, scope: Scope, names: dict[str, Values]) -> Iterator[None]:
        """Names of a scope that stand for just these meanwhile."""
        self._overlays.append((scope, names))
        busy, self._busy = self._busy, set()
        try:
            yield
        finally:
            self._overlays.pop()
            self._busy = busy

    def returned(
        self, function: Local, arguments: Many[Values], named: dict[str, Values]
    ) -> Values:
        """What a function of the module may return for these arguments."""
        node = function.node
        inner = self.found.scopes.get(id(node))
        if inner is None or not isinstance(
            node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
        ):
            return (UNKNOWN,)
        if self._inlined >= _MOST_INLINED or not self._step(2):
            return (UNKNOWN,)
        telling = tuple(arguments) if any(map(_tells, arguments)) else ()
        if named and any(map(_tells, named.values())):
            telling = (*telling, *named.values())
        key = (id(node), telling)
        known = self._returns.get(key)
        if known is not None:
            return known
        self._returns[key] = (UNKNOWN,)  # what it returns to itself
        results = self.found.results.get(id(inner), [])
        if isinstance(node, ast.Lambda):
            results = [node.body]
        found: list[Value] = []
        self._inlined += 1
        try:
            if telling and len(results) <= MOST_VALUES:
                with self.overlaid(inner, _parameters(node, inner, arguments, named)):
                    for one in results:
                        found.extend(self.values(one, inner))
            else:
                for one in results[:MOST_VALUES]:
                    found.extend(self.values(one, inner))
        finally:
            self._inlined -= 1
        values = distinct(tuple(found)) or (UNKNOWN,)
        self._returns[key] = values
        return values


def _tells(values: Values) -> bool:
    """Whether an argument says enough to look at a function for its sake."""
    return any(
        isinstance(one, Ref | Local | Sequence | OwnModule | Partial)
        or one == ASSEMBLED
        or (isinstance(one, Const) and isinstance(one.value, str | bytes) and bool(one.value))
        for one in values
    )


def _parameters(
    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef,
    inner: Scope,
    arguments: Many[Values],
    named: dict[str, Values],
) -> dict[str, Values]:
    parameters = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    names = dict(zip(parameters, arguments, strict=False))
    if node.args.vararg is not None:
        names[node.args.vararg.arg] = (Sequence(tuple(arguments[len(parameters) :])),)
    return names | {name: value for name, value in named.items() if name in inner.names}
