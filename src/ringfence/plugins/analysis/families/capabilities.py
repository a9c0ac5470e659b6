"""RF8xx: what code needs beside computing, compared with what the manifest asks for."""

from __future__ import annotations

import ast

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.demands import demand_of, demand_of_builtin, needs_whole
from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS
from ringfence.plugins.analysis.rule import Grant, Rule, Severity
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import Ref

__all__ = ["FAMILY"]


def _rule(number: int, grant: Grant, title: str, why: str, way: str, severity: Severity) -> Rule:
    return Rule(
        id=f"RF80{number}",
        name=f"needs-{grant}",
        severity=severity,
        title=title,
        explanation=why,
        remedy=way,
        grant=grant,
    )


RULES = (
    _rule(
        1, "files", "files",
        "A plugin gets values and gives values. Reading or writing files is another thing, and in "
        "a guest there are none of the host's.",
        "take bytes as an argument and return bytes, or ask for the grant `files`", "error",
    ),
    _rule(
        2, "network", "network",
        "Whatever a plugin sees can leave over a network; a guest has none.",
        "let the host fetch, or ask for the grant `network`", "error",
    ),
    _rule(
        3, "processes", "processes, signals or the system's own calls",
        "Another program does what it likes, and signals and raw system calls reach past Python.",
        "do without, or ask for the grant `processes`", "error",
    ),
    _rule(
        4, "native-code", "native code or raw memory",
        "Native code is not held by anything that Python checks.",
        "use NumPy, or ask for the grant `native-code`", "error",
    ),
    _rule(
        5, "threads", "threads or an event loop",
        "They outlive a call, and make its result depend on chance.",
        "compute in order, or ask for the grant `threads`", "error",
    ),
    _rule(
        6, "environment", "the environment: its variables, its paths, the machine",
        "There lie secrets of whoever runs the host, and what differs between machines.",
        "take a parameter, or ask for the grant `environment`", "error",
    ),
    _rule(
        7, "clock", "the clock",
        "With it a result differs from run to run. A guest may have none, or a fixed one.",
        "take the time as an argument; the grant `clock` tells that you mean it", "note",
    ),
    _rule(
        8, "randomness", "randomness",
        "A result should follow from its arguments: hosts seed it for each call.",
        "make a generator from the seed that you are given", "note",
    ),
    Rule(
        id="RF809",
        name="asked-in-vain",
        severity="note",
        title="the manifest asks for what the code does not use, as far as its text shows",
        explanation="Whoever installs it has to agree to what is asked for.",
        remedy="ask for what is needed only",
    ),
)  # fmt: skip


def _name(context: Context, node: ast.Name, scope: Scope, role: str) -> None:
    if node.id in DYNAMIC_BUILTINS and scope.owner(node.id) is None:
        if isinstance(node.ctx, ast.Load):
            demand = demand_of_builtin(node.id)
            context.demand(demand, node, node.id)


def _attribute(context: Context, node: ast.Attribute, scope: Scope, role: str) -> None:
    if (node.attr in _RAW_MEMORY and not isinstance(node.value, ast.Name | ast.Constant)) or (
        node.attr in _RAW_MEMORY
        and role == "base"
        and node.attr not in _imported(context, node, scope)
    ):
        context.demand(("native-code", True), node, f".{node.attr}")
    if role == "base":
        return
    for value in context.values(node, scope):
        if not isinstance(value, Ref) or not value.path:
            continue
        if value.path.startswith("builtins."):
            name = value.path.removeprefix("builtins.")
            context.demand(demand_of_builtin(name), node, name)
            continue
        demand = demand_of(value.path)
        if demand is not None and not _told_at_import(value.path):
            context.demand(demand, node, quoted(value.path))
        elif value.hidden and (demand or needs_whole(value.path)) is not None:
            context.demand(demand or needs_whole(value.path), node, quoted(value.path))


_RAW_MEMORY = frozenset(
    {"ctypes", "__array_interface__", "__array_struct__", "__cuda_array_interface__"}
)
"""Attributes that give addresses in memory."""


def _imported(context: Context, node: ast.Attribute, scope: Scope) -> set[str]:
    """The name itself where the attribute is that of a module, which is told elsewhere."""
    return {node.attr for one in context.values(node.value, scope) if isinstance(one, Ref)}


def _function(context: Context, node: ast.FunctionDef, scope: Scope, role: str) -> None:
    if node.name in _RAW_MEMORY and scope.kind == "class":
        context.demand(("native-code", True), node, node.name)


def _told_at_import(path: str) -> bool:
    """Whether importing the module has told it already."""
    return needs_whole(path.partition(".")[0]) is not None


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    """Methods that write, of an object whose kind is told by the method's name alone."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name not in _OF_PATHS or _is_own_class(node):
        return
    if context.uses_paths:
        context.demand(("files", True), node, f".{name}(...)")
    elif name in _OF_FILES:
        context.demand(("files", False), node, f".{name}(...)")


_OF_FILES = frozenset({"write_text", "write_bytes", "read_text", "read_bytes", "tofile"})
_OF_PATHS = _OF_FILES | {
    "open", "unlink", "mkdir", "iterdir", "rglob", "touch", "rmdir", "symlink_to", "hardlink_to",
    "chmod", "is_file", "is_dir", "expanduser",
}  # fmt: skip


def _is_own_class(node: ast.Call) -> bool:
    base = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(base, ast.Name) and base.id in ("self", "cls")


FAMILY = Handlers(
    rules=RULES,
    nodes={
        ast.Name: (_name,),
        ast.Attribute: (_attribute,),
        ast.Call: (_call,),
        ast.FunctionDef: (_function,),
    },
)
