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

from ringfence.plugins.analysis import folding
from ringfence.plugins.analysis.calls import Calls
from ringfence.plugins.analysis.names import BUILTINS_OF_PYTHON
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

__all__ = ["Evaluator", "Modules", "plain"]

_MOST_STEPS = 60_000
_STEPS_OF_A_NODE = 4
_MOST_DEPTH = 40
_MOST_INLINED = 4
_MOST_VALUES = 8
_MOST_ELEMENTS = 4_096
_NOT_PLAIN = object()


def plain(value: Value) -> Any:
    """The Python value of a plain one, sequences as tuples; ``_NOT_PLAIN`` else."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Sequence):
        items = []
        for item in value.items:
            if len(item) != 1 or (one := plain(item[0])) is _NOT_PLAIN:
                return _NOT_PLAIN
            items.append(one)
        return tuple(items)
    return _NOT_PLAIN


def wrapped(value: Any, *, assembled: bool) -> Value:
    """The inverse of :func:`plain`."""
    if isinstance(value, tuple):
        if len(value) > _MOST_ELEMENTS:
            return ASSEMBLED
        return Sequence(tuple((wrapped(one, assembled=assembled),) for one in value))
    return Const(value, assembled)


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
        self._calls = Calls(self)
        self._kinds: dict[type[ast.AST], Callable[[Any, Scope], Values]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._calls.values,
            ast.Subscript: self._subscript,
            ast.BinOp: self._operation,
            ast.AugAssign: self._augmented,
            ast.UnaryOp: self._unary,
            ast.JoinedStr: self._joined,
            ast.FormattedValue: self._formatted,
            ast.Tuple: self._sequence,
            ast.List: self._sequence,
            ast.Set: self._sequence,
            ast.Dict: self._table,
            ast.IfExp: self._either,
            ast.BoolOp: self._any_of,
            ast.NamedExpr: lambda node, scope: self.values(node.value, scope),
            ast.Starred: lambda node, scope: self.values(node.value, scope),
            ast.Await: lambda node, scope: self.values(node.value, scope),
            ast.Lambda: self._local,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.SetComp: self._comprehension,
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
            found = _distinct(kind(node, scope))
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

    def _constant(self, node: ast.Constant, scope: Scope) -> Values:
        value = node.value
        if isinstance(value, str | bytes) and len(value) > folding.LARGEST:
            return (UNKNOWN,)
        return (Const(value),)

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
                self._names[other] = _distinct((*self._names[other], *values))
        return values

    def _fresh(self, owner: Scope, name: str) -> Values:
        key = (id(owner), name)
        if key in self._busy or not self._step():
            return ()
        self._busy.add(key)
        self._depth += 1
        try:
            found: list[Value] = []
            for binding in owner.names[name][: _MOST_VALUES * 2]:
                found.extend(self._bound(binding))
        finally:
            self._depth -= 1
            self._busy.discard(key)
        return _distinct(tuple(found)) or (UNKNOWN,)

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
        """What iterating over a value gives, at most :data:`_MOST_VALUES` of them."""
        if isinstance(value, Sequence):
            return tuple(itertools.chain.from_iterable(value.items[:_MOST_VALUES]))
        if isinstance(value, Table):
            return tuple(Const(key) for key, _ in value.items[:_MOST_VALUES])
        if isinstance(value, Const) and isinstance(value.value, str):
            return tuple(Const(one, value.assembled) for one in value.value[:_MOST_VALUES])
        if isinstance(value, Made) and value.kind == "walked":
            return (value,)
        return (UNKNOWN,)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Values:
        # A chain of them is followed without recursing: people write long ones.
        names = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if not self._step(len(names)):
            return (UNKNOWN,)
        values = self.values(base, scope)
        for name in reversed(names):
            values = self.attributes(values, name)
        return values

    def attributes(self, values: Values, name: str, *, hidden: bool = False) -> Values:
        """The attribute of each."""
        return _distinct(
            tuple(
                itertools.chain.from_iterable(
                    attribute_of(self, one, name, hidden=hidden) for one in values
                )
            )
        )

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        bases = self.values(node.value, scope)
        keys = self._keys(node.slice, scope)
        found: list[Value] = []
        for base, key in itertools.islice(itertools.product(bases, keys), 16):
            found.extend(item_of(self, base, key))
        return tuple(found)

    def _keys(self, node: ast.expr, scope: Scope) -> list[Any]:
        if isinstance(node, ast.Slice):
            parts = []
            for part in (node.lower, node.upper, node.step):
                value = None if part is None else plain_of(self.values(part, scope))
                if value is _NOT_PLAIN or not (value is None or isinstance(value, int)):
                    return [UNKNOWN]
                parts.append(value)
            return [slice(*parts)]
        values = self.values(node, scope)
        keys = [one if (found := plain(one)) is _NOT_PLAIN else _Key(found, one) for one in values]
        return [one.value if isinstance(one, _Key) else one for one in keys]

    def _operation(self, node: ast.BinOp, scope: Scope) -> Values:
        # A row of operators leans to the left: walk down it, then compute upwards.
        row = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            row.append((type(left.op).__name__, left.right))
            left = left.left
        if not self._step(len(row)):
            return (UNKNOWN,)
        values = self.values(left, scope)
        for operator, right in reversed(row):
            values = self._operated(operator, values, self.values(right, scope))
        return values

    def _operated(self, operator: str, left: Values, right: Values) -> Values:
        found: list[Value] = []
        for one, other in itertools.islice(itertools.product(left, right), 16):
            first, second = plain(one), plain(other)
            if first is _NOT_PLAIN or second is _NOT_PLAIN:
                if ASSEMBLED in (one, other):
                    found.append(ASSEMBLED)
                elif isinstance(first, str) and first and operator in ("Add", "Mod"):
                    found.append(Made("prefixed", first.partition("%")[0][:80]))
                elif isinstance(one, Made) and one.kind == "prefixed":
                    found.append(one)
                else:
                    found.append(UNKNOWN)
                continue
            try:
                folded = folding.operate(operator, first, second)
                found.append(wrapped(folded, assembled=isinstance(folded, str | bytes)))
            except folding.CannotFold:
                found.append(UNKNOWN)
        return _distinct(tuple(found)) or (UNKNOWN,)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> Values:
        """What is added to a name: the name's other bindings say what it is added to."""
        added = self.values(node.value, scope)
        if ASSEMBLED in added:
            return (ASSEMBLED,)
        if isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
            return (*self._added_up(node, node.target.id, scope), UNKNOWN)
        return (UNKNOWN,)

    def _added_up(self, last: ast.AugAssign, name: str, scope: Scope) -> Values:
        """What a name has come to at an addition, if its bindings run one after the other."""
        owner = scope.owner(name)
        total: Values = ()
        for binding in owner.names[name][: _MOST_VALUES * 2] if owner is not None else ():
            node = binding.node
            if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
                total = self._operated(
                    "Add", total, self.values(node.value, binding.scope or scope)
                )
                if node is last:
                    break
            elif binding.kind == "value" and node is not None:
                total = self.values(node, binding.scope or scope)
        return total

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Values:
        value = plain_of(self.values(node.operand, scope))
        if isinstance(value, int | float):
            if isinstance(node.op, ast.USub):
                return (Const(-value),)
            if isinstance(node.op, ast.Invert) and isinstance(value, int):
                return (Const(~value),)
        return (UNKNOWN,)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Values:
        pieces: list[str] = []
        for part in node.values:
            values = self.values(part, scope)
            value = plain_of(values)
            if ASSEMBLED in values:
                return (ASSEMBLED,)
            if not isinstance(value, str | int):
                prefix = "".join(pieces)
                return (Made("prefixed", prefix[:80]),) if prefix else (UNKNOWN,)
            pieces.append(str(value))
        text = "".join(pieces)
        dynamic = any(isinstance(part, ast.FormattedValue) for part in node.values)
        return (Const(text, dynamic),) if len(text) <= folding.LARGEST else (ASSEMBLED,)

    def _formatted(self, node: ast.FormattedValue, scope: Scope) -> Values:
        if node.format_spec is not None:
            return (UNKNOWN,)
        return self.values(node.value, scope)

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Values:
        if len(node.elts) > _MOST_ELEMENTS:
            return (UNKNOWN,)
        items: list[Values] = []
        for one in node.elts:
            if isinstance(one, ast.Starred):
                value = self.values(one.value, scope)
                if len(value) != 1 or not isinstance(value[0], Sequence):
                    return (UNKNOWN,)
                items.extend(value[0].items)
            else:
                items.append(self.values(one, scope))
        return (Sequence(tuple(items)),)

    def _table(self, node: ast.Dict, scope: Scope) -> Values:
        if len(node.keys) > 256:
            return (UNKNOWN,)
        items: list[tuple[Any, Values]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = _NOT_PLAIN if key is None else plain_of(self.values(key, scope))
            if name is not _NOT_PLAIN and _hashable(name):
                items.append((name, self.values(value, scope)))
        return (Table(tuple(items)),)

    def _either(self, node: ast.IfExp, scope: Scope) -> Values:
        return (*self.values(node.body, scope), *self.values(node.orelse, scope))

    def _any_of(self, node: ast.BoolOp, scope: Scope) -> Values:
        parts = node.values[:_MOST_VALUES]
        return tuple(itertools.chain.from_iterable(self.values(one, scope) for one in parts))

    def _local(self, node: ast.Lambda, scope: Scope) -> Values:
        return (Local(node, scope),)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope
    ) -> Values:
        inner = self.found.scopes.get(id(node))
        generator = node.generators[0]
        if inner is None or len(node.generators) != 1 or generator.ifs:
            if inner is not None and ASSEMBLED in self.values(node.elt, inner):
                return (ASSEMBLED,)
            return (UNKNOWN,)
        around = plain_of(self.values(generator.iter, inner))
        if not isinstance(around, str | bytes | tuple) or len(around) > _MOST_ELEMENTS:
            return (ASSEMBLED,) if ASSEMBLED in self.values(node.elt, inner) else (UNKNOWN,)
        items: list[Values] = []
        for one in around:
            names = _laid_over(generator.target, one)
            if names is None or not self._step():
                return (UNKNOWN,)
            with self.overlaid(inner, names):
                items.append(self.values(node.elt, inner))
        return (Sequence(tuple(items)),)

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
            if telling and len(results) <= _MOST_VALUES:
                with self.overlaid(inner, _parameters(node, inner, arguments, named)):
                    for one in results:
                        found.extend(self.values(one, inner))
            else:
                for one in results[:_MOST_VALUES]:
                    found.extend(self.values(one, inner))
        finally:
            self._inlined -= 1
        values = _distinct(tuple(found)) or (UNKNOWN,)
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


class _Key:
    __slots__ = ("made", "value")

    def __init__(self, value: Any, made: Value) -> None:
        self.value = value
        self.made = made


def _laid_over(target: ast.expr, value: Any) -> dict[str, Values] | None:
    if isinstance(target, ast.Name):
        return {target.id: (wrapped(value, assembled=False),)}
    if (
        isinstance(target, ast.Tuple)
        and isinstance(value, tuple)
        and len(value) == len(target.elts)
    ):
        names: dict[str, Values] = {}
        for part, one in zip(target.elts, value, strict=True):
            if not isinstance(part, ast.Name):
                return None
            names[part.id] = (wrapped(one, assembled=False),)
        return names
    return None


def _hashable(value: Any) -> bool:
    return isinstance(value, str | bytes | int | float) or value is None


def plain_of(values: Values) -> Any:
    """The plain value of the only one there is; ``_NOT_PLAIN`` else."""
    return plain(values[0]) if len(values) == 1 else _NOT_PLAIN


def _distinct(values: Values) -> Values:
    if len(values) < 2:
        return values
    found: list[Value] = []
    for one in values:
        if one not in found:
            found.append(one)
            if len(found) >= _MOST_VALUES:
                break
    return tuple(found)
