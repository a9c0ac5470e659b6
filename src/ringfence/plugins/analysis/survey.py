"""One pass over a module's tree: its scopes, and the places that rules look at.

Nothing here recurses, so no tree is too deep for it; one that is deeper than people write is told
apart by :class:`TooDeep`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ringfence.plugins.analysis.scopes import Binding, Scope, bind_target

__all__ = ["MOST_DEPTH", "Place", "Survey", "TooDeep", "survey"]

MOST_DEPTH = 150
"""Levels of a tree. A row of operators and a row of ``elif`` are each one level."""

_SKIPPED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_TEXTS = (str, bytes)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
_NO_NODES = frozenset(
    {"ctx", "op", "ops", "id", "attr", "arg", "lineno", "n", "s", "kind", "type_comment", "level"}
)


class TooDeep(Exception):
    """The tree is deeper than is analysed; ``line`` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


Place = tuple[Any, Scope, str]
"""A node that a rule may look at, the scope in which it is evaluated, and its role: what the node
around it makes of it, ``base`` of an attribute, ``called``, ``assigned`` (all of an assignment's
value), ``indexed``, ``operand``, or nothing of these. A plain tuple: there are very many.
"""


@dataclass(slots=True)
class Survey:
    """What was found.

    Attributes:
        scope: the module's own.
        places: the nodes that rules look at, by their type.
        scopes: of functions and classes, by the node's id.
        docstrings: ids of constants that document.
        results: what a function returns or yields, by its scope's id.
        nodes: how many there are.
    """

    scope: Scope
    places: dict[type[ast.AST], list[Place]] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    docstrings: set[int] = field(default_factory=set)
    results: dict[int, list[ast.expr]] = field(default_factory=dict)
    nodes: int = 0


_LOOKED_AT = (
    ast.Name, ast.Attribute, ast.Call, ast.Import, ast.ImportFrom, ast.Constant, ast.BinOp,
    ast.JoinedStr, ast.Subscript, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign,
    ast.AugAssign, ast.AnnAssign, ast.Delete, ast.While, ast.For, ast.MatchClass, ast.ExceptHandler,
    ast.Try, ast.If, ast.Raise, ast.comprehension,
)  # fmt: skip


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NO_NODES)
    return found


class _Surveyor:
    def __init__(self, tree: ast.Module) -> None:
        self.found = Survey(Scope("module", node=tree))
        self.places: dict[type[ast.AST], list[Place]] = {kind: [] for kind in _LOOKED_AT}
        self.found.places = self.places
        self.stack: list[tuple[ast.AST, Scope, int, str]] = [(tree, self.found.scope, 0, "")]
        self.special: dict[type[ast.AST], Callable[[ast.AST, Scope, int], bool | None]] = {
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._function,
            ast.ClassDef: self._class,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.NamedExpr: self._named,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.comprehension: self._for,
            ast.withitem: self._with,
            ast.ExceptHandler: self._handler,
            ast.MatchAs: self._capture,
            ast.MatchStar: self._capture,
            ast.MatchMapping: self._rest,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Subscript: self._subscript,
            ast.BinOp: self._operation,
            ast.If: self._if,
            ast.Module: self._module,
            ast.Return: self._result,
            ast.Yield: self._result,
        }

    def run(self) -> Survey:
        stack, places, special = self.stack, self.places, self.special
        count = 0
        while stack:
            node, scope, depth, role = stack.pop()
            kind = type(node)
            count += 1
            if depth > MOST_DEPTH:
                raise TooDeep(getattr(node, "lineno", 0))
            looked_at = places.get(kind)
            if looked_at is not None:
                if kind is not ast.Constant or type(node.value) in _TEXTS:  # type: ignore[attr-defined]
                    looked_at.append((node, scope, role))
            handle = special.get(kind)
            if handle is not None and handle(node, scope, depth):
                continue
            if kind is not ast.Name and kind is not ast.Constant:
                self._push(node, scope, depth + 1)
        self.found.nodes = count
        return self.found

    def _push(self, node: ast.AST, scope: Scope, depth: int, *without: str) -> None:
        stack = self.stack
        for name in _fields(type(node)):
            if name in without:
                continue
            value = getattr(node, name, None)
            if isinstance(value, list):
                for one in reversed(value):
                    if isinstance(one, ast.AST) and not isinstance(one, _SKIPPED):
                        stack.append((one, scope, depth, ""))
            elif isinstance(value, ast.AST):
                stack.append((value, scope, depth, ""))

    def _document(self, body: list[ast.stmt]) -> None:
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            self.found.docstrings.add(id(body[0].value))

    def _module(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.Module)
        self._document(node.body)

    def _function(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        inner = Scope("function", scope, node)
        self.found.scopes[id(node)] = inner
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, Binding("function", node, scope))
            self._document(node.body)
            self._declare(node.body, inner)
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = len(positional) - len(arguments.defaults)
        defaults = [None] * missing + list(arguments.defaults) + list(arguments.kw_defaults)
        for one, default in zip([*positional, *arguments.kwonlyargs], defaults, strict=False):
            inner.bind(one.arg, Binding("parameter", default, scope, name=one.arg))
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                inner.bind(rest.arg, Binding("unknown"))
        body = node.body if isinstance(node.body, list) else [node.body]
        for part in reversed(body):
            self.stack.append((part, inner, depth + 1, ""))
        self._push(node, scope, depth + 1, "body")
        return True

    def _declare(self, body: list[ast.stmt], scope: Scope) -> None:
        """``global`` and ``nonlocal`` hold for all of a function, wherever they stand."""
        pending: list[ast.AST] = list(body)
        while pending:
            one = pending.pop()
            if isinstance(one, ast.Global):
                scope.passed.update(dict.fromkeys(one.names, "global"))
            elif isinstance(one, ast.Nonlocal):
                scope.passed.update(dict.fromkeys(one.names, "nonlocal"))
            elif isinstance(one, ast.If | ast.For | ast.While | ast.With | ast.Try):
                for name in ("body", "orelse", "finalbody", "handlers"):
                    pending.extend(getattr(one, name, ()))
            elif isinstance(one, ast.ExceptHandler):
                pending.extend(one.body)

    def _class(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.ClassDef)
        scope.bind(node.name, Binding("class", node, scope))
        inner = Scope("class", scope, node)
        self.found.scopes[id(node)] = inner
        self._document(node.body)
        for part in reversed(node.body):
            self.stack.append((part, inner, depth + 1, ""))
        self._push(node, scope, depth + 1, "body")
        return True

    def _comprehension(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        inner = Scope("comprehension", scope, node)
        self.found.scopes[id(node)] = inner
        # The generators come first, so that their names are bound before they are read.
        self._push(node, inner, depth + 1)
        return True

    def _import(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.Import)
        for alias in node.names:
            if alias.asname:
                scope.bind(alias.asname, Binding("import", node, scope, module=alias.name))
            else:
                top = alias.name.partition(".")[0]
                scope.bind(top, Binding("import", node, scope, module=top))
        return True

    def _import_from(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.ImportFrom)
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name != "*":
                binding = Binding("from", node, scope, module=module, name=alias.name)
                scope.bind(alias.asname or alias.name, binding)
        return True

    def _assign(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.Assign)
        for target in node.targets:
            bind_target(scope, target, "value", node.value, scope)
            self.stack.append((target, scope, depth + 1, ""))
        self.stack.append((node.value, scope, depth + 1, "assigned"))
        return True

    def _annotated(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.AnnAssign)
        if node.value is not None:
            bind_target(scope, node.target, "value", node.value, scope)

    def _augmented(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.AugAssign)
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("value", node, scope))

    def _named(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.NamedExpr)
        bind_target(scope.walrus(), node.target, "value", node.value, scope)
        self.stack.append((node.value, scope, depth + 1, "assigned"))
        return True

    def _for(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
        bind_target(scope, node.target, "element", node.iter, scope)

    def _with(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.withitem)
        if node.optional_vars is not None:
            bind_target(scope, node.optional_vars, "unknown", node.context_expr, scope)

    def _handler(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.ExceptHandler)
        if node.name:
            scope.bind(node.name, Binding("unknown", node, scope, name="exception"))

    def _capture(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.MatchAs | ast.MatchStar)
        if node.name:
            scope.bind(node.name, Binding("unknown"))

    def _rest(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.MatchMapping)
        if node.rest:
            scope.bind(node.rest, Binding("unknown"))

    def _attribute(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.Attribute)
        self.stack.append((node.value, scope, depth + 1, "base"))
        return True

    def _call(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.Call)
        self._push(node, scope, depth + 1, "func")
        self.stack.append((node.func, scope, depth + 1, "called"))
        return True

    def _subscript(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.Subscript)
        self.stack.append((node.slice, scope, depth + 1, ""))
        self.stack.append((node.value, scope, depth + 1, "indexed"))
        return True

    def _operation(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.BinOp)
        self.stack.append((node.right, scope, depth + 1, "operand"))
        inner = depth if isinstance(node.left, ast.BinOp) else depth + 1
        self.stack.append((node.left, scope, inner, "operand"))
        return True

    def _result(self, node: ast.AST, scope: Scope, depth: int) -> None:
        assert isinstance(node, ast.Return | ast.Yield)
        if node.value is not None:
            self.found.results.setdefault(id(scope), []).append(node.value)

    def _if(self, node: ast.AST, scope: Scope, depth: int) -> bool:
        assert isinstance(node, ast.If)
        flat = len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
        for part in reversed(node.orelse):
            self.stack.append((part, scope, depth if flat else depth + 1, ""))
        for part in reversed(node.body):
            self.stack.append((part, scope, depth + 1, ""))
        self.stack.append((node.test, scope, depth + 1, ""))
        return True


def survey(tree: ast.Module) -> Survey:
    """Walk a tree once.

    Raises:
        TooDeep: it is deeper than :data:`MOST_DEPTH`.
    """
    return _Surveyor(tree).run()
