"""RF7xx: changing what others use: modules, builtins, the interpreter."""

from __future__ import annotations

import ast

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.demands import needs_whole, opens_much
from ringfence.plugins.analysis.names import STANDARD
from ringfence.plugins.analysis.rule import Rule
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import BUILTINS, Made, Ref, Value

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF701",
        name="patched-module",
        severity="error",
        title="something of another module is replaced",
        explanation="Whoever uses that module afterwards gets the plugin's version: the next call, "
        "another plugin, the code around it.",
        remedy="wrap it in a function of your own, or ask for the grant `interpreter`",
        grant="interpreter",
    ),
    Rule(
        id="RF702",
        name="patched-builtins",
        severity="error",
        title="a builtin is replaced for everybody",
        explanation="All code looks builtins up there.",
        remedy="define a function of your own under that name",
    ),
    Rule(
        id="RF703",
        name="interpreter",
        severity="error",
        title="the interpreter's own state",
        explanation="Loaded modules, import hooks, trace, profile and audit hooks, exit handlers "
        "and its limits concern all code that runs.",
        remedy="leave it, or ask for the grant `interpreter`",
        grant="interpreter",
    ),
    Rule(
        id="RF704",
        name="modules-by-name",
        severity="error",
        title="a module that is taken from the list of loaded ones",
        explanation="`sys.modules['os']` is an import that does not look like one.",
        remedy="import it, and ask for what it needs",
    ),
    Rule(
        id="RF705",
        name="shadowed-guard",
        severity="error",
        title="a name that checks rely on is bound to something else",
        explanation="`isinstance`, `__import__` and the names that guards put into a module "
        "(`_getattr_` of RestrictedPython) decide what code may do.",
        remedy="use another name",
    ),
)

_CLASSES = frozenset({"int", "str", "list", "dict", "object", "type", "float", "bytes", "tuple"})


def _stored_attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    """In whatever statement: ``=``, ``for``, ``with``, ``del``."""
    if not isinstance(node.ctx, ast.Load):
        for base in context.values(node.value, scope):
            _replaced(context, node, base, node.attr)


def _stored_item(context: Context, node: ast.Subscript, scope: Scope, role: str) -> None:
    if isinstance(node.ctx, ast.Load):
        return
    for base in context.values(node.value, scope):
        if base == Made("modules"):
            context.report("RF703", node, "sys.modules is written to")
        elif isinstance(base, Made) and base.kind == "namespace" and base.of not in ("", "own"):
            _replaced(context, node, Ref(base.of), "an item of its namespace")
        elif base == BUILTINS:
            context.report("RF702", node, "an item of __builtins__")


def _replaced(context: Context, node: ast.AST, base: Value, name: str) -> None:
    if base == Made("modules"):
        context.report("RF703", node, "sys.modules is changed")
    if not isinstance(base, Ref) or not base.path:
        return
    if base.path == "builtins" or base.path.removeprefix("builtins.") in _CLASSES:
        context.report("RF702", node, quoted(name))
    elif not base.path.startswith("builtins."):
        context.report("RF701", node, quoted(f"{base.path}.{name}"))


def _function(context: Context, node: ast.FunctionDef, scope: Scope, role: str) -> None:
    if node.name in _GUARDS and scope.kind != "class":
        own = node.name in (
            "isinstance",
            "issubclass",
        )  # a function of that name stands in the text
        context.report("RF705", node, node.name, at_most="warning" if own else "error")
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    none: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*none, *arguments.defaults, *arguments.kw_defaults]
    for one, default in zip([*positional, *arguments.kwonlyargs], defaults, strict=False):
        own = isinstance(default, ast.Name) and default.id == one.arg  # kept at hand for speed
        if one.arg in _GUARDS and not own:
            context.report("RF705", one, one.arg)


_GUARDS = frozenset(
    {
        "isinstance", "issubclass", "__import__", "__builtins__", "__build_class__", "_getattr_",
        "_getitem_", "_getiter_", "_write_", "_inplacevar_", "_iter_unpack_sequence_",
        "_unpack_sequence_",
    }
)  # fmt: skip


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if not isinstance(function, Ref) or len(node.args) < 2:
            continue
        if function.path in ("builtins.setattr", "builtins.delattr"):
            for base in context.values(node.args[0], scope):
                _replaced(context, node, base, "an attribute")
    for value in context.values(node, scope):
        _taken(context, node, node.func, scope, value)


def _subscript(context: Context, node: ast.Subscript, scope: Scope, role: str) -> None:
    if isinstance(node.ctx, ast.Load):
        for value in context.values(node, scope):
            _taken(context, node, node.value, scope, value)


def _taken(context: Context, node: ast.AST, source: ast.expr, scope: Scope, value: Value) -> None:
    """A module that ``sys.modules`` gave."""
    base = (
        source.value
        if isinstance(source, ast.Attribute) and source.attr in ("get", "pop")
        else source
    )
    if not isinstance(value, Ref) or value.path not in STANDARD:
        return
    if (needs_whole(value.path) or opens_much(value.path)) and Made("modules") in context.values(
        base, scope
    ):
        context.report("RF704", node, quoted(value.path))


def _modules(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    if node.attr == "modules" and Made("modules") in context.values(node, scope):
        context.report("RF703", node, "sys.modules")


def _name(context: Context, node: ast.Name, scope: Scope, role: str) -> None:
    if not isinstance(node.ctx, ast.Load):
        if node.id == "__builtins__":
            context.report("RF702", node, "__builtins__ is bound anew")
        elif node.id in _GUARDS and scope.kind != "class":
            context.report("RF705", node, node.id)
    owner = scope.owner(node.id)
    if owner is None or not isinstance(node.ctx, ast.Load):
        return
    if any(
        one.kind == "from" and (one.module, one.name) == ("sys", "modules")
        for one in owner.names[node.id]
    ):
        context.report("RF703", node, "sys.modules")


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Call: (_call,),
        ast.Subscript: (_subscript, _stored_item),
        ast.Attribute: (_modules, _stored_attribute),
        ast.FunctionDef: (_function,),
        ast.Name: (_name,),
    },
)
