"""RF1xx: what is imported, and how."""

from __future__ import annotations

import ast

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.demands import demand_of, demand_of_builtin, needs_whole
from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS, STANDARD
from ringfence.plugins.analysis.reaching import reached
from ringfence.plugins.analysis.rule import Rule, Severity
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import Const, Made, Ref

__all__ = ["FAMILY", "IMPORTERS", "check_module"]

RULES = (
    Rule(
        id="RF101",
        name="undeclared-package",
        severity="error",
        title="a package that the manifest does not ask for",
        explanation="It is neither of the plugin, nor of the standard library, nor in `packages`: "
        "in the guest it is not there, or it is something that nobody agreed to.",
        remedy="list it in `packages` of plugin.toml, or do without",
    ),
    Rule(
        id="RF102",
        name="dynamic-import",
        severity="error",
        title="an import that is decided while it runs",
        explanation="What `__import__`, importlib and the loaders bring in cannot be read in the "
        "text, so nobody can agree to it.",
        remedy="write an import statement, or ask for the grant `dynamic-imports`",
        grant="dynamic-imports",
    ),
    Rule(
        id="RF103",
        name="hidden-import",
        severity="error",
        title="an import whose name is hidden",
        explanation="The module's name is put together or decoded. That hides it from people and "
        "from tools, and serves nothing else.",
        remedy="write the name as it is",
    ),
    Rule(
        id="RF104",
        name="module-through-another",
        severity="error",
        title="a module that is reached through another",
        explanation="Modules carry those that they have imported. Taking them from there goes "
        "around a list of what may be imported.",
        remedy="import the module by its own name, and ask for what it needs",
    ),
    Rule(
        id="RF105",
        name="bridge-to-the-host",
        severity="error",
        title="a module that leads to the sandbox or its host",
        explanation="`js` and `pyodide` are the page around a Pyodide guest, `ringfence_guest` is "
        "the agent that runs it, `__main__` is whatever started it.",
        remedy="a plugin gets its arguments, and needs nothing around it: leave it out",
    ),
)

IMPORTERS = frozenset(
    {
        "builtins.__import__", "importlib.import_module", "importlib.__import__",
        "pkgutil.resolve_name", "pydoc.locate", "importlib.util.find_spec", "runpy.run_module",
        "pkgutil.get_loader", "importlib.find_loader", "pkgutil.find_loader",
        "importlib.util.spec_from_file_location", "imp.load_module", "imp.load_source",
    }
)  # fmt: skip

_BRIDGES = frozenset(
    {
        "js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "micropip", "ringfence",
        "ringfence_guest", "__main__", "_emscripten_info", "pyodide_kernel",
    }
)  # fmt: skip
# Distributions whose modules have another name.
_MODULES_OF = {
    "pillow": "PIL", "scikit-learn": "sklearn", "scikit-image": "skimage", "pyyaml": "yaml",
    "python-dateutil": "dateutil", "beautifulsoup4": "bs4", "opencv-python": "cv2",
    "numpy-stl": "stl", "pyshp": "shapefile", "ezdxf": "ezdxf", "more-itertools": "more_itertools",
}  # fmt: skip


def _may_import(context: Context, top: str) -> bool:
    asked = context.asked.packages
    return top.lower() in asked or any(_MODULES_OF.get(one) == top for one in asked)


def _is_own(context: Context, module: str) -> bool:
    modules = context.ask.modules
    own = modules.resolve(module, context.ask.name, is_package=context.ask.is_package)
    return own is not None


def check_module(
    context: Context, module: str, node: ast.AST, *, optional: bool = False, whole: bool = True
) -> None:
    """A module that is brought in by this name, in whatever way."""
    top = module.partition(".")[0]
    if not top:
        return
    context.needs.note_import(module, own=False)
    if top in _BRIDGES:
        context.report("RF105", node, quoted(module))
    elif top not in STANDARD and not _may_import(context, top):
        at_most: Severity = "warning" if optional else "error"
        context.report("RF101", node, quoted(top), at_most=at_most)
    if whole:
        context.demand(needs_whole(module), node, f"import of {quoted(module)}")


def _import(context: Context, node: ast.Import, scope: Scope, role: str) -> None:
    if id(node) in context.for_types:
        return
    for alias in node.names:
        if _is_own(context, alias.name):
            context.needs.note_import(alias.name, own=True)
            continue
        base, _, last = alias.name.rpartition(".")
        inner = reached(base, last) if base else None
        if inner is not None:
            _through(context, node, alias.name, inner)
        check_module(context, alias.name, node, optional=id(node) in context.optional)


def _import_from(context: Context, node: ast.ImportFrom, scope: Scope, role: str) -> None:
    module = "." * node.level + (node.module or "")
    if id(node) in context.for_types or module == "__future__":
        return
    if _is_own(context, module):
        modules = context.ask.modules
        full = modules.resolve(module, context.ask.name, is_package=context.ask.is_package)
        context.needs.note_import(full or "", own=True)
        return
    whole = needs_whole(module) is not None
    check_module(context, module, node, optional=id(node) in context.optional, whole=whole)
    for alias in node.names:
        if module == "builtins" and alias.name in DYNAMIC_BUILTINS:
            context.demand(demand_of_builtin(alias.name), node, f"import of {alias.name}")
            continue
        if alias.name == "*":
            context.demand(demand_of(module), node, f"all names of {quoted(module)}")
            continue
        inner = reached(module, alias.name)
        if inner is not None:
            _through(context, node, f"{module}.{alias.name}", inner)
        elif not whole:
            full = f"{module}.{alias.name}"
            context.demand(demand_of(full), node, f"import of {quoted(full)}")


def _through(context: Context, node: ast.AST, path: str, inner: str) -> None:
    context.report("RF104", node, f"{quoted(path)} is {inner}")
    context.demand(needs_whole(inner), node, f"{inner}, as {quoted(path)}")


def _attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    if node.attr.lstrip("_") == "" or not isinstance(node.ctx, ast.Load):
        return
    for base in context.values(node.value, scope):
        if isinstance(base, Ref) and (inner := reached(base.path, node.attr)) is not None:
            _through(context, node, f"{base.path}.{node.attr}", inner)
            return


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if not isinstance(function, Ref) or function.path not in IMPORTERS:
            continue
        context.report("RF102", node, f"{function.path.rpartition('.')[2]}(...)")
        named = next(
            (one.value for one in node.keywords if one.arg in ("name", "fullname", "mod_name")),
            None,
        )
        argument = node.args[0] if node.args else named
        if argument is None:
            continue
        for name in context.values(argument, scope):
            if isinstance(name, Const) and isinstance(name.value, str):
                _named(context, node, name)
            elif name == Made("assembled"):
                context.report("RF103", node, "its name is put together while it runs")


def _named(context: Context, node: ast.Call, name: Const) -> None:
    module = name.value
    if name.assembled and not module.startswith("."):
        context.report("RF103", node, f"it is {quoted(module)}")
    if module and not module.startswith(".") and not _is_own(context, module):
        check_module(context, module.replace(":", "."), node)


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Import: (_import,),
        ast.ImportFrom: (_import_from,),
        ast.Attribute: (_attribute,),
        ast.Call: (_call,),
    },
)
