"""What one reaches from a value: its attributes, its items, what an import gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ringfence.plugins.analysis import folding
from ringfence.plugins.analysis.names import (
    ESCAPES,
    NAMESPACES,
    REACHED_THROUGH,
    STANDARD,
    STEPS_OF_A_WALK,
    SUBMODULES,
    TAKEN_FROM_PACKAGES,
)
from ringfence.plugins.analysis.values import (
    ASSEMBLED,
    BUILTINS,
    FRAME,
    NAMESPACE,
    UNKNOWN,
    WALKED,
    Bound,
    Const,
    Local,
    Made,
    OwnModule,
    Ref,
    Sequence,
    Table,
    Value,
    Values,
)

if TYPE_CHECKING:
    from ringfence.plugins.analysis.evaluation import Evaluator

__all__ = ["attribute_of", "import_of", "is_module", "item_of", "reached"]


def is_module(path: str) -> bool:
    """Whether a path names a module, as far as its name shows."""
    return path in STANDARD or path in SUBMODULES or path == "builtins"


def reached(path: str, name: str) -> str | None:
    """The module that ``path.name`` is in truth, if a module is reached through another."""
    inner = name.lstrip("_")
    if inner == "bltns":  # enum's name for it
        return "builtins"
    if inner not in REACHED_THROUGH or path.startswith("builtins"):
        return None
    top, _, rest = path.partition(".")
    if f"{path}.{name}" in SUBMODULES or (rest or top).rpartition(".")[2] == name:
        return None  # glob.glob, mmap.mmap
    if top not in STANDARD and inner not in TAKEN_FROM_PACKAGES:
        return None
    return inner if inner in STANDARD or inner == "cffi" else None


def import_of(evaluator: Evaluator, module: str, name: str) -> Values:
    """What ``import module`` or ``from module import name`` binds."""
    modules = evaluator.modules
    own = modules.resolve(module, evaluator.name, is_package=evaluator.is_package)
    if own is not None:
        if not name:
            return (OwnModule(own),)
        return attribute_of(evaluator, OwnModule(own), name)
    if not name:
        return (Ref(module),)
    return attribute_of(evaluator, Ref(module), name)


def attribute_of(evaluator: Evaluator, value: Value, name: str, *, hidden: bool = False) -> Values:
    """``value.name``; ``hidden`` when the name does not stand in the text."""
    if isinstance(value, Ref):
        return _of_ref(value, name, hidden=hidden or value.hidden)
    if isinstance(value, OwnModule):
        return _of_own(evaluator, value, name)
    if isinstance(value, Local):
        return _of_local(evaluator, value, name)
    if isinstance(value, Made) and value.kind != "unknown":
        return _of_made(value, name)
    if isinstance(value, Const | Sequence | Table):
        return (WALKED,) if name in STEPS_OF_A_WALK else (Bound(value, name),)
    if isinstance(value, Bound):
        found = _by_name(name)
        return found if name in ESCAPES or name in NAMESPACES else (Bound(value, name),)
    return _by_name(name)


def _by_name(name: str) -> Values:
    """What an attribute of something unknown is, by its name."""
    if name == "__builtins__":
        return (BUILTINS,)
    if name in NAMESPACES:
        return (NAMESPACE,)
    if name == "__class__":
        return (Made("result", "type"),)
    step = ESCAPES.get(name)
    if step == "frame":
        return (FRAME,)
    if step in ("walk", "class"):
        return (WALKED,)
    if step == "code":
        return (Made("code"),)
    return (Bound(UNKNOWN, name),)


def _of_ref(value: Ref, name: str, *, hidden: bool) -> Values:
    path = value.path
    if name == "__builtins__":
        return (BUILTINS,)
    if name == "__call__":
        return (value,)
    if name == "__self__" and path.startswith("builtins."):
        return (BUILTINS,)
    if name == "__dict__":
        return (Made("namespace", path),)
    if name in ("__loader__", "__spec__"):
        return (Ref("builtins.__loader__", hidden=True),)
    if name in NAMESPACES:
        return (NAMESPACE,)
    if name in STEPS_OF_A_WALK:
        return (WALKED,)
    if name in ESCAPES and ESCAPES[name] == "frame":
        return (FRAME,)
    if path == "sys" and name == "modules":
        return (Made("modules"),)
    inner = reached(path, name)
    if inner is not None:
        return (Ref(inner, hidden=True),)
    return (Ref(f"{path}.{name}", hidden=hidden),)


def _of_own(evaluator: Evaluator, value: OwnModule, name: str) -> Values:
    modules = evaluator.modules
    other = modules.evaluators.get(value.name)
    if other is not None and name in other.found.scope.names:
        if other is evaluator:
            return evaluator.name_values(name, evaluator.found.scope)
        return other.asked(name)
    full = f"{value.name}.{name}" if value.name else name
    if full in modules.names or full in modules.packages:
        return (OwnModule(full),)
    return _by_name(name)


def _of_local(evaluator: Evaluator, value: Local, name: str) -> Values:
    found = _by_name(name)
    if found != (Bound(UNKNOWN, name),):
        return found
    inner = evaluator.found.scopes.get(id(value.node))
    if inner is not None and inner.kind == "class" and name in inner.names:
        return evaluator.name_values(name, inner)
    return (Bound(value, name),)


def _of_made(value: Made, name: str) -> Values:
    kind = value.kind
    if kind == "walked":
        if (
            name in ("__init__", "__enter__", "__exit__", "__repr__", "load_module")
            or name in STEPS_OF_A_WALK
        ):
            return (WALKED,)
        if name in NAMESPACES:
            return (NAMESPACE,)
        return (Bound(value, name),) if name not in ESCAPES else _by_name(name)
    if kind == "frame":
        if name in NAMESPACES:
            return (NAMESPACE,)
        return (FRAME,) if ESCAPES.get(name) == "frame" else _by_name(name)
    if kind in ("namespace", "modules", "code", "assembled"):
        found = _by_name(name)
        return found if name in ESCAPES else (Bound(value, name),)
    if kind == "exception" and name == "__traceback__":
        return (Made("result", "traceback"),)
    return _by_name(name)


def item_of(evaluator: Evaluator, value: Value, key: Any) -> Values:
    """``value[key]``; ``key`` is a plain value, a slice, or a value of which less is known."""
    known = not isinstance(key, Made | Ref | Local | Bound | Sequence | Table | OwnModule)
    if isinstance(value, Made):
        return _of_namespace(evaluator, value, key, known=known)
    if isinstance(value, Const | Sequence):
        return _of_plain(value, key, known=known)
    if isinstance(value, Table):
        if not known or isinstance(key, slice):
            return tuple(one for _, values in value.items for one in values)[:8] or (UNKNOWN,)
        return next((values for name, values in value.items if name == key), (UNKNOWN,))
    if isinstance(value, Ref) and value.path == "builtins" and isinstance(key, str):
        return (Ref(f"builtins.{key}", hidden=True),)  # __builtins__ is a dictionary in modules
    return (UNKNOWN,)


def _of_namespace(evaluator: Evaluator, value: Made, key: Any, *, known: bool) -> Values:
    if value.kind == "modules":
        return (
            (Ref(key, hidden=True),) if known and isinstance(key, str) else (Ref("", hidden=True),)
        )
    if value.kind == "namespace":
        if not known or not isinstance(key, str):
            return (UNKNOWN,)
        if key == "__builtins__":
            return (BUILTINS,)
        if value.of == "own":
            return evaluator.name_values(key, evaluator.found.scope)
        if value.of:
            return _of_ref(Ref(value.of), key, hidden=True)
        return (Ref(key, hidden=True),) if key in REACHED_THROUGH else (UNKNOWN,)
    if value.kind == "walked":
        return (value,)
    if value.kind == "result" and value.of == "builtins.dir":
        return (ASSEMBLED,)  # a name that is told by its place
    if value.kind == "assembled" and isinstance(key, slice):
        return (ASSEMBLED,)
    return (UNKNOWN,)


def _of_plain(value: Const | Sequence, key: Any, *, known: bool) -> Values:
    if isinstance(value, Sequence):
        if isinstance(key, slice):
            return (Sequence(value.items[key]),)
        if not known or not isinstance(key, int):
            return tuple(one for item in value.items for one in item)[:8] or (UNKNOWN,)
        return value.items[key] if -len(value.items) <= key < len(value.items) else (UNKNOWN,)
    if not known:
        return (UNKNOWN,)
    try:
        found = folding.index(value.value, key)
    except folding.CannotFold:
        return (UNKNOWN,)
    return (Const(found, value.assembled or isinstance(found, str | bytes)),)
