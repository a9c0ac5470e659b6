"""What a call returns, as far as it is known: builtins that reach, what folds, own functions."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ringfence.plugins.analysis import folding
from ringfence.plugins.analysis.plain import plain, wrapped
from ringfence.plugins.analysis.reaching import item_of
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import (
    ASSEMBLED,
    FRAME,
    UNKNOWN,
    WALKED,
    Bound,
    Const,
    Local,
    Made,
    Partial,
    Ref,
    Sequence,
    Value,
    Values,
)

if TYPE_CHECKING:
    from ringfence.plugins.analysis.evaluation import Evaluator

__all__ = ["Calls"]

_FRAMES = frozenset({"sys._getframe", "inspect.currentframe", "sys._current_frames"})
_NEUTRAL = frozenset(
    {
        "len", "range", "int", "list", "tuple", "sorted", "str", "zip", "enumerate", "iter", "repr",
        "bytes", "bytearray", "memoryview", "ord", "reversed",
    }
)  # fmt: skip
"""Functions that fold, and that people call on anything."""
_NAMESPACES: Mapping[str, str] = {"builtins.globals": "own", "builtins.locals": "own"}
_MOST_ITEMS = 4_096


class Calls:
    """Evaluates calls for an :class:`Evaluator`."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._ask = evaluator
        self._known: dict[str, Callable[[list[Values]], Values]] = {
            "builtins.getattr": self._getattr,
            "builtins.object.__getattribute__": self._getattr,
            "builtins.type.__getattribute__": self._getattr,
            "builtins.object.__getattr__": self._getattr,
            "inspect.getattr_static": self._getattr,
            "builtins.__import__": self._import_top,
            "importlib.import_module": self._import,
            "importlib.__import__": self._import_top,
            "pkgutil.resolve_name": self._import,
            "pydoc.locate": self._import,
            "builtins.vars": self._vars,
            "builtins.type": lambda arguments: (
                (Made("result", "type"),) if len(arguments) == 1 else (UNKNOWN,)
            ),
            "builtins.map": self._map,
            "builtins.filter": lambda arguments: arguments[1] if len(arguments) > 1 else (UNKNOWN,),
            "builtins.next": self._first,
            "functools.partial": self._partial,
            "functools.reduce": self._reduce,
            "operator.attrgetter": lambda arguments: (
                Partial(Ref("operator.attrgetter"), tuple(arguments)),
            ),
            "operator.itemgetter": lambda arguments: (
                Partial(Ref("operator.itemgetter"), tuple(arguments)),
            ),
            "operator.methodcaller": lambda arguments: (
                Partial(Ref("operator.methodcaller"), tuple(arguments)),
            ),
            "operator.getitem": self._getitem,
            "builtins.dict.get": self._getitem,
            "builtins.dict.__getitem__": self._getitem,
            "operator.add": lambda arguments: self._operator("Add", arguments),
            "operator.concat": lambda arguments: self._operator("Add", arguments),
            "operator.xor": lambda arguments: self._operator("BitXor", arguments),
            "builtins.str.join": self._unbound("join"),
            "builtins.str.replace": self._unbound("replace"),
            "builtins.str.lower": self._unbound("lower"),
            "builtins.bytes.decode": self._unbound("decode"),
        }

    def values(self, node: ast.Call, scope: Scope) -> Values:
        """What a call may return."""
        functions = self._ask.values(node.func, scope)
        arguments: list[Values] = []
        for one in node.args[:64]:
            value = self._ask.values(one, scope)
            if isinstance(one, ast.Starred):
                if len(value) == 1 and isinstance(value[0], Sequence):
                    arguments.extend(value[0].items[:_MOST_ITEMS])
                    continue
                value = (UNKNOWN,)
            arguments.append(value)
        named = {
            one.arg: self._ask.values(one.value, scope) for one in node.keywords[:32] if one.arg
        }
        found: list[Value] = []
        for function in functions:
            found.extend(self.apply(function, arguments, named))
        return tuple(found) or (UNKNOWN,)

    def apply(
        self, function: Value, arguments: list[Values], named: Mapping[str, Values] | None = None
    ) -> Values:
        """What ``function(*arguments)`` may return."""
        if isinstance(function, Ref):
            return self._of_ref(function, arguments, named or {})
        if isinstance(function, Bound):
            return self._of_method(function, arguments, named or {})
        if isinstance(function, Local):
            if isinstance(function.node, ast.ClassDef):
                return (UNKNOWN,)
            return self._ask.returned(function, arguments, dict(named or {}))
        if isinstance(function, Partial):
            return self._of_partial(function, arguments)
        if isinstance(function, Made) and function.kind == "walked":
            return (WALKED,)
        return (UNKNOWN,)

    def _of_ref(
        self, function: Ref, arguments: list[Values], named: Mapping[str, Values]
    ) -> Values:
        path = function.path
        if path in _FRAMES:
            return (FRAME,)
        if path in _NAMESPACES:
            return (Made("namespace", _NAMESPACES[path]),)
        known = self._known.get(path)
        if known is not None:
            return known(arguments)
        if folding.knows(path):
            extra = [named[name] for name in ("encoding", "errors") if name in named]
            return self._folded(
                lambda *plains: folding.call_function(path, plains),
                [*arguments, *extra],
                assembling=path.rpartition(".")[2] not in _NEUTRAL,
            )
        return (Made("result", path),)

    def _folded(
        self, function: Callable[..., Any], arguments: list[Values], *, assembling: bool
    ) -> Values:
        found: list[Value] = []
        for combination in itertools.islice(itertools.product(*arguments), 8):
            if not self._ask.spend(2):
                return (UNKNOWN,)
            plains = [plain(one) for one in combination]
            if any(type(one) is object for one in plains):
                found.append(ASSEMBLED if assembling or ASSEMBLED in combination else UNKNOWN)
                continue
            try:
                value = function(*plains)
            except folding.CannotFold:
                found.append(ASSEMBLED if assembling else UNKNOWN)
                continue
            if isinstance(value, tuple) and not self._ask.spend(len(value) // 16):
                return (UNKNOWN,)
            made = assembling or any(
                isinstance(one, Const) and one.assembled for one in combination
            )
            found.append(wrapped(value, assembled=made or isinstance(value, str)))
        return tuple(found) or (UNKNOWN,)

    def _of_method(
        self, function: Bound, arguments: list[Values], named: Mapping[str, Values]
    ) -> Values:
        receiver, name = function.receiver, function.name
        if name in ("__getitem__", "get", "pop", "setdefault"):
            return self._getitem([(receiver,), *arguments])
        if name in ("__getattribute__", "__getattr__"):
            return self._getattr([(receiver,), *arguments])
        if name == "__call__":
            return self.apply(receiver, arguments, named)
        if isinstance(receiver, Made):
            if receiver.kind == "walked":
                return (WALKED,)
            if receiver.kind == "namespace" and name in ("values", "items", "copy", "keys"):
                return (receiver if name == "copy" else UNKNOWN,)
            if receiver.kind == "unknown" and name not in ("join", "decode", "translate"):
                return (UNKNOWN,)
        if isinstance(receiver, Local):
            inner = self._ask.found.scopes.get(id(receiver.node))
            if inner is not None and name in inner.names:
                return tuple(
                    one
                    for method in self._ask.name_values(name, inner)
                    for one in self.apply(method, arguments, named)
                ) or (UNKNOWN,)
        extra = [named[one] for one in ("encoding", "errors") if one in named]
        base = plain(receiver)
        if type(base) is object:
            made = receiver == ASSEMBLED or any(ASSEMBLED in one for one in arguments)
            return (ASSEMBLED if made else UNKNOWN,)
        changed = name in ("join", "decode", "translate", "format", "replace", "encode")
        found = self._folded(
            lambda *plains: folding.call_method(base, name, plains),
            [*arguments, *extra],
            assembling=False,
        )
        if name in ("decode", "translate") and UNKNOWN in found:
            return (ASSEMBLED,)
        if isinstance(receiver, Const) and changed:
            return tuple(
                Const(one.value, assembled=True) if isinstance(one, Const) else one for one in found
            )
        return found

    def _of_partial(self, function: Partial, arguments: list[Values]) -> Values:
        inner = function.function
        if isinstance(inner, Ref) and inner.path == "operator.attrgetter" and arguments:
            found: Values = arguments[0]
            for name in _texts(function.arguments[0] if function.arguments else ()):
                for part in name.split(".")[:16]:
                    found = self._ask.attributes(found, part, hidden=True)
            return found
        if isinstance(inner, Ref) and inner.path == "operator.methodcaller" and arguments:
            methods = self._getattr([arguments[0], *function.arguments[:1]])
            return tuple(
                one
                for method in methods
                for one in self.apply(method, list(function.arguments[1:]))
            )
        if isinstance(inner, Ref) and inner.path == "operator.itemgetter" and arguments:
            return self._getitem([arguments[0], *function.arguments[:1]])
        return self.apply(inner, [*function.arguments, *arguments])

    # ------------------------------------------------------------------ builtins that reach

    def _getattr(self, arguments: list[Values]) -> Values:
        if len(arguments) < 2:
            return (UNKNOWN,)
        bases, names = arguments[0], arguments[1]
        found: list[Value] = []
        for name in names:
            if isinstance(name, Const) and isinstance(name.value, str):
                found.extend(self._ask.attributes(bases, name.value, hidden=name.assembled))
            elif name == ASSEMBLED:
                found.append(ASSEMBLED)
            else:
                found.append(UNKNOWN)
        return tuple(found)

    def _import_top(self, arguments: list[Values]) -> Values:
        return self._import(arguments, top=True)

    def _import(self, arguments: list[Values], *, top: bool = False) -> Values:
        found = tuple(
            Ref(
                one.value.partition(".")[0] if top else one.value.replace(":", "."),
                hidden=one.assembled,
            )
            for one in (arguments[0] if arguments else ())
            if isinstance(one, Const) and isinstance(one.value, str)
        )
        return found or (Ref("", hidden=True),)

    def _vars(self, arguments: list[Values]) -> Values:
        if not arguments:
            return (Made("namespace", "own"),)
        return tuple(
            Made("namespace", one.path) if isinstance(one, Ref) else UNKNOWN for one in arguments[0]
        )

    def _getitem(self, arguments: list[Values]) -> Values:
        if len(arguments) < 2:
            return (UNKNOWN,)
        found: list[Value] = []
        for base, key in itertools.islice(itertools.product(arguments[0], arguments[1]), 16):
            value = plain(key)
            found.extend(item_of(self._ask, base, key if type(value) is object else value))
        return tuple(found)

    def _map(self, arguments: list[Values]) -> Values:
        if len(arguments) != 2:
            return (UNKNOWN,)
        for around in arguments[1]:
            items = plain(around)
            if isinstance(items, str | bytes | tuple) and len(items) <= _MOST_ITEMS:
                results: list[Values] = []
                for one in items:
                    if not self._ask.spend(2):
                        return (UNKNOWN,)
                    value = wrapped(one, assembled=False)
                    results.append(
                        tuple(
                            found
                            for function in arguments[0]
                            for found in self.apply(function, [(value,)])
                        )
                    )
                return (Sequence(tuple(results)),)
        chars = any(isinstance(one, Ref) and one.path == "builtins.chr" for one in arguments[0])
        return (ASSEMBLED if chars else UNKNOWN,)

    def _first(self, arguments: list[Values]) -> Values:
        return item_of(self._ask, arguments[0][0], 0) if arguments and arguments[0] else (UNKNOWN,)

    def _partial(self, arguments: list[Values]) -> Values:
        if not arguments:
            return (UNKNOWN,)
        return tuple(Partial(one, tuple(arguments[1:])) for one in arguments[0])

    def _reduce(self, arguments: list[Values]) -> Values:
        if len(arguments) < 2:
            return (UNKNOWN,)
        found: list[Value] = []
        for function, around in itertools.islice(itertools.product(*arguments[:2]), 8):
            if not isinstance(around, Sequence) or len(around.items) > 256:
                found.append(UNKNOWN)
                continue
            items = list(around.items)
            if len(arguments) > 2:
                items.insert(0, arguments[2])
            if not items:
                continue
            value = items[0]
            for one in items[1:]:
                if not self._ask.spend(2):
                    return (UNKNOWN,)
                value = self.apply(function, [value, one])
            found.extend(value)
        return tuple(found) or (UNKNOWN,)

    def _operator(self, name: str, arguments: list[Values]) -> Values:
        return self._folded(
            lambda *plains: folding.operate(name, *plains), arguments[:2], assembling=False
        )

    def _unbound(self, name: str) -> Callable[[list[Values]], Values]:
        def call(arguments: list[Values]) -> Values:
            if not arguments:
                return (UNKNOWN,)
            return tuple(
                found
                for one in arguments[0]
                for found in self._of_method(Bound(one, name), arguments[1:], {})
            )

        return call


def _texts(values: Values) -> list[str]:
    return [one.value for one in values if isinstance(one, Const) and isinstance(one.value, str)]
