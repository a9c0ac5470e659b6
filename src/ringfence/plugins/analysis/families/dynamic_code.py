"""RF2xx: code that is made while it runs."""

from __future__ import annotations

import ast
import re

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS
from ringfence.plugins.analysis.rule import Rule
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import BUILTINS, Bound, Const, Made, Ref, Value

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF201",
        name="dynamic-code",
        severity="error",
        title="code that is made while it runs",
        explanation="`exec`, `eval`, `compile` and their kind run text. What it will be, nobody "
        "can read beforehand.",
        remedy="write the code out, or read values with ast.literal_eval or json; else ask for the "
        "grant `dynamic-code`",
        grant="dynamic-code",
    ),
    Rule(
        id="RF202",
        name="hidden-code",
        severity="error",
        title="hidden code that is run",
        explanation="The text that is run was decoded or put together from pieces, or reaches for "
        "what a plugin has no business with. Nothing harmless needs that.",
        remedy="write the code out",
    ),
    Rule(
        id="RF203",
        name="made-function",
        severity="error",
        title="a function that is made from a code object",
        explanation="Code objects made or changed by hand are bytecode that no tool reads, and "
        "crash or confuse the interpreter.",
        remedy="write the function out, or ask for the grant `dynamic-code`",
        grant="dynamic-code",
    ),
    Rule(
        id="RF204",
        name="hidden-builtin",
        severity="error",
        title="a builtin that is reached by a back way",
        explanation="`__builtins__`, `print.__self__`, `vars(builtins)` and `getattr(builtins, …)` "
        "give what has a name of its own. They serve to take it unseen.",
        remedy="use the builtin by its name",
    ),
)

_RUN_TEXT = frozenset(
    {
        "builtins.exec", "builtins.eval", "builtins.compile", "code.compile_command",
        "codeop.compile_command", "timeit.timeit", "cProfile.run", "profile.run", "pdb.run",
        "doctest.run_docstring_examples", "typing.ForwardRef", "runpy.run_path", "trace.Trace.run",
    }
)  # fmt: skip
_REACHES = re.compile(
    r"__(?!name__|init__|str__|repr__|doc__|slots__|eq__|hash__|len__|iter__|call__|new__)\w+__"
    r"|\bimport\b|\b(?:os|sys|subprocess|socket|shutil|ctypes|builtins)\b\s*\."
    r"|\b(?:exec|eval|open|getattr|globals|compile)\s*\("
)
_POWERFUL = frozenset(DYNAMIC_BUILTINS) | {
    "getattr",
    "setattr",
    "delattr",
    "globals",
    "locals",
    "vars",
    "__dict__",
    "type",
    "object",
}


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if isinstance(function, Ref) and function.path in _RUN_TEXT:
            context.report("RF201", node, f"{function.path.rpartition('.')[2]}(...)")
            if node.args:
                _check_text(context, node, scope)
        elif isinstance(function, Made | Bound) and _is_maker(function):
            for one in node.args[:2]:
                values = context.values(one, scope)
                if any(isinstance(value, Made) and value.kind == "code" for value in values):
                    context.report("RF203", node, "a type is called with a code object")
    for value in context.values(node, scope):
        check_builtin(context, node, value)


def _is_maker(function: Value) -> bool:
    return isinstance(function, Made) and function.kind in ("walked", "result", "unknown")


def _check_text(context: Context, node: ast.Call, scope: Scope) -> None:
    for text in context.values(node.args[0], scope):
        if text == Made("assembled"):
            context.report("RF202", node, "its text is decoded or put together while it runs")
        elif isinstance(text, Const) and isinstance(text.value, str | bytes):
            code = text.value if isinstance(text.value, str) else text.value.decode("latin-1")
            reaching = _REACHES.search(code[:20_000])
            if reaching is not None:
                context.report("RF202", node, f"the text has {quoted(reaching[0])}")


def check_builtin(context: Context, node: ast.AST, value: Value) -> None:
    """Something that was reached, and may be a builtin that has a name of its own."""
    if value == BUILTINS:
        context.report("RF204", node, "the module of builtins")
    elif isinstance(value, Ref) and value.path.startswith("builtins."):
        name = value.path.removeprefix("builtins.")
        if name in _POWERFUL and (value.hidden or name in DYNAMIC_BUILTINS):
            plain = isinstance(node, ast.Attribute) and node.attr == name and not value.hidden
            if not plain:
                context.report("RF204", node, f"{name}")


def _attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    if isinstance(node.ctx, ast.Load):
        for value in context.values(node, scope):
            check_builtin(context, node, value)
    elif node.attr in ("__code__", "__globals__", "__closure__"):
        context.report("RF203", node, f"{node.attr} is assigned")
    if node.attr == "replace" and isinstance(node.value, ast.Attribute):
        if node.value.attr in ("__code__", "gi_code", "f_code"):
            context.report("RF203", node, "a code object is changed")


def _subscript(context: Context, node: ast.Subscript, scope: Scope, role: str) -> None:
    if isinstance(node.ctx, ast.Load):
        base = node.value
        if isinstance(base, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            for value in context.values(node, scope):
                if isinstance(value, Ref) and value.hidden:
                    check_builtin(context, node, value)


def _name(context: Context, node: ast.Name, scope: Scope, role: str) -> None:
    if node.id == "__builtins__":
        context.report("RF204", node, "__builtins__")


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Call: (_call,),
        ast.Attribute: (_attribute,),
        ast.Subscript: (_subscript,),
        ast.Name: (_name,),
    },
)
