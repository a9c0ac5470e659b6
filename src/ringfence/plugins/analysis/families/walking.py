"""RF4xx: from an object to its class, its frame, its code, and from there to everything."""

from __future__ import annotations

import ast
import re

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.names import ESCAPES, NAMESPACES
from ringfence.plugins.analysis.rule import Rule
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import FRAME, NAMESPACE, WALKED, Bound, Const, Made, Ref

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF401",
        name="class-walk",
        severity="error",
        title="a walk over classes that are not one's own",
        explanation="From any object one reaches `object`, from there every class that is loaded, "
        "and in their functions every module: the classic way out of filters.",
        remedy="use the classes that you have; `isinstance` and a registry of your own do the rest",
    ),
    Rule(
        id="RF402",
        name="insides-of-functions",
        severity="error",
        title="the insides of a function",
        explanation="`__globals__`, `__code__` and `__closure__` lead to the module that a "
        "function "
        "is from, and let its code be exchanged.",
        remedy="do without, or ask for the grant `introspection`",
        grant="introspection",
    ),
    Rule(
        id="RF403",
        name="subclasses",
        severity="warning",
        title="the subclasses of a class",
        explanation="Of one's own class it is a registry; of another's it is a step out.",
        remedy="keep a registry with `__init_subclass__` or a decorator",
    ),
    Rule(
        id="RF404",
        name="frame-access",
        severity="error",
        title="a frame",
        explanation="Frames of tracebacks, generators and coroutines lead to their callers' "
        "variables and to the builtins.",
        remedy="pass what is needed as arguments, or ask for the grant `introspection`",
        grant="introspection",
    ),
    Rule(
        id="RF405",
        name="object-of-exception",
        severity="error",
        title="the object that an exception carries",
        explanation="`AttributeError.obj` and its kind hand over an object that the code was never "
        "given.",
        remedy="keep the object that you have asked",
    ),
    Rule(
        id="RF406",
        name="escape-as-text",
        severity="error",
        title="the name of such an attribute as text",
        explanation="As text it goes past whoever looks for attributes; `getattr`, patterns and "
        "formats take it.",
        remedy="write the attribute where it is used, or ask for the grant `introspection`",
        grant="introspection",
    ),
    Rule(
        id="RF407",
        name="reduction",
        severity="warning",
        title="how an object is taken apart for copying",
        explanation="`__reduce__` and `__reduce_ex__`, called by hand, give functions of other "
        "modules.",
        remedy="use copy.copy, or a method of your own",
    ),
    Rule(
        id="RF408",
        name="lying-class",
        severity="error",
        title="an object that lies about its class",
        explanation="Whoever asks `isinstance` is told what the object wants to be taken for.",
        remedy="derive from the class, or register with an abstract one",
    ),
    Rule(
        id="RF411",
        name="format-walk",
        severity="error",
        title="a format that reads special attributes",
        explanation="`'{0.__class__…}'.format(x)` walks as code does, in a text that no tool for "
        "code reads.",
        remedy="format the value itself, or an attribute with a plain name",
    ),
    Rule(
        id="RF412",
        name="formatter",
        severity="warning",
        title="a formatter that looks attributes up",
        explanation="string.Formatter reads attributes by names in a text; with a text from "
        "outside "
        "it reads whatever that says.",
        remedy="use f-strings or str.format with a text of your own",
    ),
)

_HARMLESS_IN_FORMATS = re.compile(
    r"^[\w]*(?:\.(?:__class__|__name__|__qualname__|__module__|__doc__|[a-zA-Z]\w*|_[a-zA-Z]\w*)"
    r"|\[[^\[\]{}_][^\[\]{}]*\])*$"
)
_FIELD = re.compile(r"\{([\w]*(?:[.\[][^{}!:]*)?)[^{}]*\}")
_STRONG = (
    frozenset(name for name, step in ESCAPES.items() if step != "class")
    | {"__mro__", "__bases__", "__base__", "__import__", "__builtins__", "__loader__"}
) - {"cell_contents", "co_code", "co_consts"}
_CALLED = re.compile(r"(?:__import__|\b(?:exec|eval|open|compile))\(\s*['\"]")
_PATH_OF_ESCAPES = re.compile(
    r"__(?:subclasses|globals|builtins|mro|bases|base|code|closure)__"
    r"|\b(?:f_globals|f_builtins|f_back|tb_frame|gi_frame|cr_frame|ag_frame)\b"
)


def _attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    name = node.attr
    if name == "obj":
        base: ast.expr = node.value
        while isinstance(base, ast.Attribute | ast.Subscript):  # a group has its exceptions
            base = base.value
        if Made("exception") in context.values(base, scope):
            context.report("RF405", node, ".obj")
        return
    if name in ("__reduce__", "__reduce_ex__") and role == "called":
        if not _of_super(node):
            context.report("RF407", node, name)
        return
    step = ESCAPES.get(name)
    if step is None:
        if name in ("__loader__", "__spec__") and isinstance(node.ctx, ast.Load):
            context.report("RF102", node, name)
        elif name == "_Printer__filenames":
            context.report("RF401", node, name)
        return
    bases = context.values(node.value, scope)
    if step == "walk":
        _subclasses(context, node, scope)
    elif step == "namespace" and name != "__builtins__":
        _namespace(context, node, scope)
    elif step == "frame" and name not in ("gi_yieldfrom", "cr_await"):
        context.report("RF404", node, name)
    elif step == "code" and name not in ("cell_contents", "co_code", "co_consts"):
        context.report("RF402", node, name)
    elif step == "class" and name in ("__base__", "__bases__", "__mro__", "mro"):
        # Of a plain value nobody needs to know the ancestors.
        if any(isinstance(one, Const) for one in _roots(context, node, scope)) or (
            any(one == WALKED for one in bases) and name != "mro" and _steps(node) >= 3
        ):
            context.report("RF401", node, name)


def _of_super(node: ast.Attribute) -> bool:
    base = node.value
    return (
        isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id == "super"
    )


def _steps(node: ast.expr) -> int:
    """How many steps of a walk a chain has."""
    count = 0
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute):
            count += node.attr in ("__class__", "__base__", "__bases__", "__mro__", "mro")
        node = node.func if isinstance(node, ast.Call) else node.value
    return count


def _roots(context: Context, node: ast.expr, scope: Scope) -> tuple[object, ...]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Set):
        return (Const(None),)
    return context.values(node, scope) if isinstance(node, ast.Constant) else ()


def _subclasses(context: Context, node: ast.Attribute, scope: Scope) -> None:
    for base in context.values(node.value, scope):
        if (
            base == WALKED
            or isinstance(base, Const)
            or (isinstance(base, Ref) and base.path in ("builtins.object", "builtins.type"))
        ):
            context.report("RF401", node, node.attr)
            return
        if isinstance(base, Ref) or (isinstance(base, Made) and _of_literal(node)):
            context.report("RF401", node, node.attr)
            return
    context.report("RF403", node, node.attr)


def _of_literal(node: ast.Attribute) -> bool:
    base = node.value
    if isinstance(base, ast.Attribute):
        return isinstance(base.value, ast.Constant | ast.Tuple | ast.List | ast.Dict)
    return isinstance(base, ast.Call) and any(
        isinstance(one, ast.Constant | ast.Tuple | ast.List | ast.Dict) for one in base.args
    )


def _namespace(context: Context, node: ast.Attribute, scope: Scope) -> None:
    bases = context.values(node.value, scope)
    if any(one == WALKED for one in bases):
        context.report("RF401", node, node.attr)
    elif any(one == FRAME for one in bases) or node.attr.startswith("f_"):
        context.report("RF404", node, node.attr)
    else:
        context.report("RF402", node, node.attr)


def _subscript(context: Context, node: ast.Subscript, scope: Scope, role: str) -> None:
    if not isinstance(node.ctx, ast.Load):
        return
    bases = context.values(node.value, scope)
    if NAMESPACE in bases and _is_namespace_of_function(node.value):
        context.report("RF401", node, "a name is taken from another module's namespace")


def _is_namespace_of_function(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute) and node.attr not in NAMESPACES:
        node = node.value
    return isinstance(node, ast.Attribute) and isinstance(
        node.value, ast.Attribute | ast.Subscript | ast.Call
    )


def _pattern(context: Context, node: ast.MatchClass, scope: Scope, role: str) -> None:
    for name in node.kwd_attrs:
        if name in ESCAPES or (name.startswith("__") and name.endswith("__")):
            context.report("RF401", node, f"a pattern reads {name}")


def _text(context: Context, node: ast.Constant, scope: Scope, role: str) -> None:
    text = node.value
    if not isinstance(text, str) or len(text) < 5 or id(node) in context.ask.found.docstrings:
        return
    if "(" in text and len(text) < 400 and (called := _CALLED.search(text)) is not None:
        context.report("RF406", node, quoted(called[0]))
    if "_" not in text:
        return
    if text in _STRONG:
        context.report("RF406", node, quoted(text))
    elif "{" in text:
        check_format(context, node, text)
    elif " " not in text and "\n" not in text and len(text) <= 400:
        match = _PATH_OF_ESCAPES.search(text)
        if match is not None and ("." in text or "[" in text):
            context.report("RF406", node, quoted(match[0]))


def check_format(context: Context, node: ast.AST, text: str) -> None:
    """A text that may be a format: do its fields walk?"""
    if "__" not in text and "_Printer" not in text:
        return
    for field in _FIELD.finditer(text[:20_000]):
        inner = field[1]
        if "(" in inner or '"' in inner:
            continue  # code that is to be formatted, or no format at all: a field has no calls
        if "__" in inner and ("." in inner or "[" in inner):
            if not _HARMLESS_IN_FORMATS.match(inner) or _PATH_OF_ESCAPES.search(inner):
                context.report("RF411", node, quoted(inner))


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if isinstance(function, Bound) and function.name in ("format", "format_map", "vformat"):
            if isinstance(function.receiver, Const) and isinstance(function.receiver.value, str):
                check_format(context, node, function.receiver.value)
            elif function.receiver == Made("assembled"):
                context.report("RF411", node, "the format is put together while it runs")
        elif isinstance(function, Ref) and function.path == "string.Formatter":
            context.report("RF412", node, "string.Formatter()")


def _class(context: Context, node: ast.ClassDef, scope: Scope, role: str) -> None:
    for base in node.bases:
        for value in context.values(base, scope):
            if isinstance(value, Ref) and value.path == "string.Formatter":
                context.report("RF412", node, "a class of string.Formatter")


def _class_name(context: Context, node: ast.Assign, scope: Scope, role: str) -> None:
    if scope.kind == "class":
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == "__class__":
                context.report("RF408", node, "__class__ is bound in a class")


def _class_method(context: Context, node: ast.FunctionDef, scope: Scope, role: str) -> None:
    if scope.kind == "class" and node.name == "__class__":
        context.report("RF408", node, "__class__ is a method")


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Attribute: (_attribute,),
        ast.Subscript: (_subscript,),
        ast.MatchClass: (_pattern,),
        ast.Constant: (_text,),
        ast.Call: (_call,),
        ast.ClassDef: (_class,),
        ast.Assign: (_class_name,),
        ast.FunctionDef: (_class_method,),
    },
)
