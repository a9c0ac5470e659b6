"""RF6xx: bytes that make objects, and objects that make calls when they are read."""

from __future__ import annotations

import ast

from ringfence.plugins.analysis.context import Context, Handlers
from ringfence.plugins.analysis.demands import demand_of, needs_whole
from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS
from ringfence.plugins.analysis.rule import Rule
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import Const, Ref, Value

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF601",
        name="pickling",
        severity="error",
        title="bytes that make objects of any kind",
        explanation="pickle, marshal and their kind run whatever the bytes say.",
        remedy="use json, struct or NumPy's own format without objects, or ask for the grant "
        "`pickling`",
        grant="pickling",
    ),
    Rule(
        id="RF602",
        name="reduces-to-a-call",
        severity="error",
        title="an object that makes a dangerous call when it is unpickled",
        explanation="`__reduce__` names a function that whoever unpickles the object will call: "
        "here one that runs code or reaches out.",
        remedy="reduce to the class itself",
    ),
    Rule(
        id="RF603",
        name="own-reduction",
        severity="warning",
        title="a method that says how to pickle",
        explanation="What it returns is called by whoever unpickles the object.",
        remedy="leave it out: values cross to the host without pickle",
    ),
)

_METHODS = frozenset({"__reduce__", "__reduce_ex__"})
_CALLS = frozenset(DYNAMIC_BUILTINS) | {"getattr", "setattr", "input", "print"}


def _function(context: Context, node: ast.FunctionDef, scope: Scope, role: str) -> None:
    if node.name not in _METHODS or scope.kind != "class":
        return
    context.report("RF603", node, node.name)
    inner = context.ask.found.scopes[id(node)]
    for one in ast.walk(node):
        if isinstance(one, ast.Return) and isinstance(one.value, ast.Tuple) and one.value.elts:
            for value in context.values(one.value.elts[0], inner):
                if _is_dangerous(value):
                    context.report("RF602", one, node.name)


def _is_dangerous(value: Value) -> bool:
    if not isinstance(value, Ref):
        return False
    if value.path.startswith("builtins."):
        return value.path.removeprefix("builtins.") in _CALLS
    demand = demand_of(value.path) or needs_whole(value.path)
    return value.hidden or (demand is not None and demand[0] != "pickling")


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for one in node.keywords:
        if one.arg == "allow_pickle" and Const(False) not in context.values(one.value, scope):
            context.report("RF601", node, "allow_pickle")


FAMILY = Handlers(
    rules=RULES,
    nodes={ast.FunctionDef: (_function,), ast.Call: (_call,)},
)
