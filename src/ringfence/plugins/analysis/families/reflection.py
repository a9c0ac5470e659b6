"""RF3xx: attributes and names that are chosen while it runs."""

from __future__ import annotations

import ast

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.demands import (
    demand_of,
    is_read_by_name,
    needs_whole,
    opens_much,
)
from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS, ESCAPES, REACHED_THROUGH
from ringfence.plugins.analysis.rule import Rule
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import ASSEMBLED, Const, Local, Made, Ref, Value

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF301",
        name="computed-attribute",
        severity="warning",
        title="an attribute whose name is computed",
        explanation="Which attribute it is cannot be read in the text; it may be one that leads "
        "out. Most such code is harmless, so a person looks at it.",
        remedy="name the attribute, begin a computed name with a fixed text (`visit_` + kind), or "
        "use a dictionary of functions",
    ),
    Rule(
        id="RF302",
        name="hidden-name",
        severity="error",
        title="a name that is hidden",
        explanation="A name that leads out of the guest's code is put together from pieces, or "
        "decoded. Nothing harmless needs that.",
        remedy="write the name as it is",
    ),
    Rule(
        id="RF303",
        name="module-handed-on",
        severity="error",
        title="a powerful module that is handed on whole, or asked for names unseen",
        explanation="`os`, `sys` or `builtins` given to other code, or read by computed names, can "
        "be used in ways that cannot be followed.",
        remedy="hand on the functions that are meant, or ask for the grant `introspection`",
        grant="introspection",
    ),
    Rule(
        id="RF304",
        name="introspection",
        severity="error",
        title="a look into the interpreter's insides",
        explanation="Frames, namespaces of modules, the garbage collector's lists and closures "
        "give "
        "access to objects that nobody handed over.",
        remedy="pass what is needed as arguments, or ask for the grant `introspection`",
        grant="introspection",
    ),
    Rule(
        id="RF305",
        name="namespace",
        severity="warning",
        title="names of a module or function as a dictionary",
        explanation="`globals()`, `locals()` and `vars()` read and write names that do not stand "
        "in "
        "the text.",
        remedy="use a dictionary of your own",
    ),
)

_GETTERS = frozenset(
    {
        "builtins.getattr", "builtins.setattr", "builtins.delattr", "inspect.getattr_static",
        "builtins.object.__getattribute__", "builtins.type.__getattribute__",
        "builtins.object.__setattr__",
    }
)  # fmt: skip
_HIDEABLE = (
    frozenset(DYNAMIC_BUILTINS)
    | frozenset(name for name, step in ESCAPES.items() if name.startswith("__") or step == "frame")
    | (REACHED_THROUGH - {"code", "io", "types", "http", "select", "site", "thread", "ast", "dis"})
    | {"system", "popen", "__getattribute__", "__dict__", "getattr", "f_globals", "f_builtins"}
) - {"open", "input", "compile", "platform", "resource", "logging", "glob", "signal", "bootstrap"}


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if isinstance(function, Ref):
            if function.path in _GETTERS and len(node.args) >= 2:
                _getter(context, node, scope, node.args[1])
            elif function.path in ("operator.attrgetter", "operator.methodcaller") and node.args:
                for one in node.args[:8]:
                    _getter(context, node, scope, one, known_base=False)
            elif function.path in ("builtins.globals", "builtins.locals"):
                context.report("RF305", node, f"{function.path.rpartition('.')[2]}()")
            elif function.path == "builtins.vars":
                _vars(context, node, scope)
            elif function.path == "builtins.dir" and node.args:
                _dir(context, node, scope)
        elif _is_getter(function) and len(node.args) >= 1:
            _getter(context, node, scope, node.args[-1], known_base=False)
    for value in context.values(node, scope):
        _reached(context, node, value)


def _is_getter(function: Value) -> bool:
    return getattr(function, "name", "") == "__getattribute__"


def _getter(
    context: Context, node: ast.Call, scope: Scope, name: ast.expr, *, known_base: bool = True
) -> None:
    bases = context.values(node.args[0], scope) if known_base else ()
    powerful = any(isinstance(one, Ref) and opens_much(one.path) for one in bases)
    for one in context.values(name, scope):
        if isinstance(one, Const):
            if not one.assembled or not isinstance(one.value, str):
                continue
            if one.value in _HIDEABLE:
                context.report("RF302", node, f"it is {quoted(one.value)}")
            elif one.value.startswith("__"):  # operators that are made in a loop, mostly
                context.report("RF301", node, f"it is {quoted(one.value)}")
        elif one == ASSEMBLED or _decoded(context, name, scope):
            context.report("RF302", node, "an attribute's name is decoded while it runs")
        elif powerful:
            context.report("RF303", node, "attributes of it are read by computed names")
        elif not (isinstance(one, Made) and one.kind == "prefixed" and _harmless(one.of)):
            context.report("RF301", node, "of an object that is not known")


def _harmless(prefix: str) -> bool:
    return bool(prefix) and not prefix.startswith("_")


def _decoded(context: Context, name: ast.expr, scope: Scope) -> bool:
    """Whether a name is what an own function makes of written-out text."""
    if not isinstance(name, ast.Call) or not name.args:
        return False
    if not all(isinstance(one, ast.Constant | ast.List | ast.Tuple) for one in name.args):
        return False
    return any(
        isinstance(one, Local) and not isinstance(one.node, ast.ClassDef)
        for one in context.values(name.func, scope)
    )


def _vars(context: Context, node: ast.Call, scope: Scope) -> None:
    if not node.args:
        context.report("RF305", node, "vars()")
        return
    for one in context.values(node.args[0], scope):
        if isinstance(one, Ref):
            context.report("RF304", node, f"the names of {quoted(one.path)}")


def _dir(context: Context, node: ast.Call, scope: Scope) -> None:
    for one in context.values(node.args[0], scope):
        if isinstance(one, Ref) and opens_much(one.path):
            context.report("RF304", node, f"the names of {quoted(one.path)}")


def _reached(context: Context, node: ast.expr, value: Value) -> None:
    """What a call, an index or an operation gave: a name that needs something, or is hidden."""
    if isinstance(value, Ref) and value.path and not value.path.startswith("builtins"):
        demand = needs_whole(value.path) or demand_of(value.path)
        if value.hidden and demand is not None:
            context.report("RF302", node, f"it is {quoted(value.path)}")
        if not is_read_by_name(value.path):
            context.demand(demand, node, quoted(value.path))
    elif isinstance(value, Const) and value.assembled and isinstance(value.value, str):
        if value.value in _HIDEABLE:
            context.report("RF302", node, f"it is {quoted(value.value)}")


def _operation(context: Context, node: ast.BinOp, scope: Scope, role: str) -> None:
    if role == "operand" or not isinstance(node.op, ast.Add | ast.Mod | ast.Mult):
        return
    for value in context.values(node, scope):
        _reached(context, node, value)


def _joined(context: Context, node: ast.JoinedStr, scope: Scope, role: str) -> None:
    for value in context.values(node, scope):
        _reached(context, node, value)


def _subscript(context: Context, node: ast.Subscript, scope: Scope, role: str) -> None:
    if not isinstance(node.ctx, ast.Load):
        return
    for base in context.values(node.value, scope):
        if isinstance(base, Made) and base.kind == "namespace":
            key = context.values(node.slice, scope)
            if not all(isinstance(one, Const) for one in key):
                context.report("RF304", node, "a namespace is read by a computed name")
    for value in context.values(node, scope):
        _reached(context, node, value)


def _name(context: Context, node: ast.Name, scope: Scope, role: str) -> None:
    if role or not isinstance(node.ctx, ast.Load):
        return
    owner = scope.owner(node.id)
    if owner is None:
        if node.id in ("getattr", "setattr", "delattr", "vars"):
            context.report("RF301", node, f"{node.id} is handed on")
        elif node.id in ("globals", "locals"):
            context.report("RF305", node, f"{node.id} is handed on")
        return
    if any(one.kind == "import" and opens_much(one.module) for one in owner.names[node.id]):
        module = next(one.module for one in owner.names[node.id] if opens_much(one.module))
        context.report("RF303", node, module)


def _attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    if node.attr != "__dict__" or not isinstance(node.ctx, ast.Load):
        return
    for base in context.values(node.value, scope):
        if isinstance(base, Ref):
            context.report("RF304", node, f"the names of {quoted(base.path)}")


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Call: (_call,),
        ast.BinOp: (_operation,),
        ast.JoinedStr: (_joined,),
        ast.Subscript: (_subscript,),
        ast.Name: (_name,),
        ast.Attribute: (_attribute,),
    },
)
