"""What an expression that is no name and no call may stand for, by its kind."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ringfence.plugins.analysis import folding
from ringfence.plugins.analysis.plain import (
    MOST_ELEMENTS,
    MOST_VALUES,
    NOT_PLAIN,
    distinct,
    plain,
    plain_of,
    wrapped,
)
from ringfence.plugins.analysis.reaching import item_of
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import (
    ASSEMBLED,
    UNKNOWN,
    Const,
    Local,
    Made,
    Sequence,
    Table,
    Value,
    Values,
)

if TYPE_CHECKING:
    from ringfence.plugins.analysis.evaluation import Evaluator

__all__ = ["Expressions"]


class Expressions:
    """Evaluates expressions for an :class:`Evaluator`.

    Attributes:
        kinds: kind of a node -> what evaluates it in a scope.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._ask = evaluator
        self.kinds: Mapping[type[ast.AST], Callable[[Any, Scope], Values]] = {
            ast.Constant: self._constant,
            ast.Attribute: self._attribute,
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
            ast.NamedExpr: lambda node, scope: evaluator.values(node.value, scope),
            ast.Starred: lambda node, scope: evaluator.values(node.value, scope),
            ast.Await: lambda node, scope: evaluator.values(node.value, scope),
            ast.Lambda: self._local,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.SetComp: self._comprehension,
        }

    def _constant(self, node: ast.Constant, scope: Scope) -> Values:
        value = node.value
        if isinstance(value, str | bytes) and len(value) > folding.LARGEST:
            return (UNKNOWN,)
        return (Const(value),)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Values:
        # A chain of them is followed without recursing: people write long ones.
        names = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if not self._ask.spend(len(names)):
            return (UNKNOWN,)
        values = self._ask.values(base, scope)
        for name in reversed(names):
            values = self._ask.attributes(values, name)
        return values

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        bases = self._ask.values(node.value, scope)
        keys = self._keys(node.slice, scope)
        found: list[Value] = []
        for base, key in itertools.islice(itertools.product(bases, keys), 16):
            found.extend(item_of(self._ask, base, key))
        return tuple(found)

    def _keys(self, node: ast.expr, scope: Scope) -> list[Any]:
        if isinstance(node, ast.Slice):
            parts = []
            for part in (node.lower, node.upper, node.step):
                value = None if part is None else plain_of(self._ask.values(part, scope))
                if value is NOT_PLAIN or not (value is None or isinstance(value, int)):
                    return [UNKNOWN]
                parts.append(value)
            return [slice(*parts)]
        values = self._ask.values(node, scope)
        keys = [one if (found := plain(one)) is NOT_PLAIN else _Key(found, one) for one in values]
        return [one.value if isinstance(one, _Key) else one for one in keys]

    def _operation(self, node: ast.BinOp, scope: Scope) -> Values:
        # A row of operators leans to the left: walk down it, then compute upwards.
        row = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            row.append((type(left.op).__name__, left.right))
            left = left.left
        if not self._ask.spend(len(row)):
            return (UNKNOWN,)
        values = self._ask.values(left, scope)
        for operator, right in reversed(row):
            values = self._operated(operator, values, self._ask.values(right, scope))
        return values

    def _operated(self, operator: str, left: Values, right: Values) -> Values:
        found: list[Value] = []
        for one, other in itertools.islice(itertools.product(left, right), 16):
            first, second = plain(one), plain(other)
            if first is NOT_PLAIN or second is NOT_PLAIN:
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
        return distinct(tuple(found)) or (UNKNOWN,)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> Values:
        """What is added to a name: the name's other bindings say what it is added to."""
        added = self._ask.values(node.value, scope)
        if ASSEMBLED in added:
            return (ASSEMBLED,)
        if isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
            return (*self._added_up(node, node.target.id, scope), UNKNOWN)
        return (UNKNOWN,)

    def _added_up(self, last: ast.AugAssign, name: str, scope: Scope) -> Values:
        """What a name has come to at an addition, if its bindings run one after the other."""
        owner = scope.owner(name)
        total: Values = ()
        for binding in owner.names[name][: MOST_VALUES * 2] if owner is not None else ():
            node = binding.node
            if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
                total = self._operated(
                    "Add", total, self._ask.values(node.value, binding.scope or scope)
                )
                if node is last:
                    break
            elif binding.kind == "value" and node is not None:
                total = self._ask.values(node, binding.scope or scope)
        return total

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Values:
        value = plain_of(self._ask.values(node.operand, scope))
        if isinstance(value, int | float):
            if isinstance(node.op, ast.USub):
                return (Const(-value),)
            if isinstance(node.op, ast.Invert) and isinstance(value, int):
                return (Const(~value),)
        return (UNKNOWN,)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Values:
        pieces: list[str] = []
        for part in node.values:
            values = self._ask.values(part, scope)
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
        return self._ask.values(node.value, scope)

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Values:
        if len(node.elts) > MOST_ELEMENTS:
            return (UNKNOWN,)
        items: list[Values] = []
        for one in node.elts:
            if isinstance(one, ast.Starred):
                value = self._ask.values(one.value, scope)
                if len(value) != 1 or not isinstance(value[0], Sequence):
                    return (UNKNOWN,)
                items.extend(value[0].items)
            else:
                items.append(self._ask.values(one, scope))
        return (Sequence(tuple(items)),)

    def _table(self, node: ast.Dict, scope: Scope) -> Values:
        if len(node.keys) > 256:
            return (UNKNOWN,)
        items: list[tuple[Any, Values]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = NOT_PLAIN if key is None else plain_of(self._ask.values(key, scope))
            if name is not NOT_PLAIN and _hashable(name):
                items.append((name, self._ask.values(value, scope)))
        return (Table(tuple(items)),)

    def _either(self, node: ast.IfExp, scope: Scope) -> Values:
        return (*self._ask.values(node.body, scope), *self._ask.values(node.orelse, scope))

    def _any_of(self, node: ast.BoolOp, scope: Scope) -> Values:
        parts = node.values[:MOST_VALUES]
        return tuple(itertools.chain.from_iterable(self._ask.values(one, scope) for one in parts))

    def _local(self, node: ast.Lambda, scope: Scope) -> Values:
        return (Local(node, scope),)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope
    ) -> Values:
        inner = self._ask.found.scopes.get(id(node))
        generator = node.generators[0]
        if inner is None or len(node.generators) != 1 or generator.ifs:
            if inner is not None and ASSEMBLED in self._ask.values(node.elt, inner):
                return (ASSEMBLED,)
            return (UNKNOWN,)
        around = plain_of(self._ask.values(generator.iter, inner))
        if not isinstance(around, str | bytes | tuple) or len(around) > MOST_ELEMENTS:
            return (ASSEMBLED,) if ASSEMBLED in self._ask.values(node.elt, inner) else (UNKNOWN,)
        items: list[Values] = []
        for one in around:
            names = _laid_over(generator.target, one)
            if names is None or not self._ask.spend(1):
                return (UNKNOWN,)
            with self._ask.overlaid(inner, names):
                items.append(self._ask.values(node.elt, inner))
        return (Sequence(tuple(items)),)


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
