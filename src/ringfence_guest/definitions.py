"""The source of what a program has defined: functions, classes, imports.

A save holds these as text, which every Python can read; bytecode belongs to one version. The agent
notes each cell that may define something. Only when the namespace is saved are the notes read: the
last statement that defined a name is kept if the object is really the one that it made.
"""

from __future__ import annotations
import __future__

import ast
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from ringfence_guest.execute import split_lines

__all__ = ["Definition", "Kept", "Notebook", "Unportable", "class_body_names", "is_class", "unwrap"]

Kind = Literal["import", "function", "class", "value"]

_MOST_WRAPPED = 64
_DEEPEST_DISPLAY = 16
_FACTORIES = frozenset(
    {"namedtuple", "NamedTuple", "TypedDict", "TypeVar", "TypeVarTuple", "ParamSpec", "NewType",
     "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "make_dataclass"}
)  # fmt: skip
_WORDS = ("def", "class", "import", "lambda", "type", "Type", "Enum", "Flag", "Param", "upl")
"""Each way to define something has one of these in its source."""

_DISPLAYS = (ast.Dict, ast.List, ast.Tuple, ast.Set)
_TYPE_ALIAS: Any = getattr(ast, "TypeAlias", ())  # Python 3.12


class Unportable(Exception):
    """Why something cannot be saved, or not be restored, in words."""


class Definition(NamedTuple):
    """A statement that defines names.

    Attributes:
        kind: ``value`` is an assignment of lambdas, or of a named tuple and its like.
        names: what it binds.
        filename: what tracebacks call its cell.
        line: its first line there, decorators included.
        source: its text; runs by itself.
        bare: the text without decorators, and its line; the same where there are none.
        flags: those of ``from __future__`` in its cell, for ``compile``.
        last: its last line.
    """

    kind: Kind
    names: tuple[str, ...]
    filename: str
    line: int
    source: str
    bare: tuple[str, int]
    flags: int
    last: int

    def stripped(self) -> Definition:
        """The same without decorators."""
        source, line = self.bare
        return self._replace(source=source, line=line)

    def compiled(self) -> types.CodeType:
        """Its code, on the lines where it was."""
        source = "\n" * (self.line - 1) + self.source
        code: types.CodeType = compile(source, self.filename, "exec", self.flags, dont_inherit=True)
        return code

    def run(self, namespace: dict[str, Any]) -> None:
        """Define the names anew."""
        exec(self.compiled(), namespace)


class Kept(NamedTuple):
    """A definition that is saved, the name that it defines, and the type of what it made."""

    name: str
    type: str
    definition: Definition


class Notebook:
    """What the cells of a program have defined, in order."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, str]] = []  # not read yet
        self._count = 0
        self._order: dict[Definition, int] = {}
        self._by_name: dict[str, list[Definition]] = {}

    def note(self, filename: str, source: str) -> None:
        """A cell compiled, and is about to run."""
        for word in _WORDS:
            if word in source:
                self._cells.append((filename, source))
                return

    def adopt(self, definition: Definition) -> None:
        """A definition that was restored."""
        self._count += 1
        self._order[definition] = self._order[definition.stripped()] = self._count
        for name in definition.names:
            self._by_name.setdefault(name, []).append(definition)

    def order(self, definition: Definition) -> int:
        """Which of two definitions came first."""
        return self._order[definition]

    def read(self, names: Iterable[str]) -> None:
        """Read the cells that were noted; keep what defines one of ``names``."""
        cells, self._cells = self._cells, []
        for filename, source in cells:
            for definition in _definitions(filename, source):
                self.adopt(definition)
        wanted = set(names)
        self._by_name = {name: found for name, found in self._by_name.items() if name in wanted}
        kept = {definition for found in self._by_name.values() for definition in found}
        kept |= {definition.stripped() for definition in kept}
        self._order = {d: number for d, number in self._order.items() if d in kept}

    # --- which statement made an object ------------------------------------------------------

    def imports(self, name: str, value: Any) -> list[Definition]:
        """The import statements that bind ``name`` to ``value``; ``import a.b`` and ``import a.c``
        both do for ``a``.
        """
        found = [
            definition
            for definition in self._by_name.get(name, ())
            if definition.kind == "import" and _imports(definition, value)
        ]
        plain = [d for d in found if " as " not in d.source and d.source.startswith("import ")]
        return list(dict.fromkeys([*plain, *found[-1:]]))

    def function(self, value: Any) -> Definition | None:
        """The statement that made this function, or the one that this object wraps."""
        code = getattr(unwrap(value), "__code__", None)
        if not isinstance(code, types.CodeType):
            return None
        place = ("function", code.co_filename, code.co_firstlineno)
        there = {
            definition: None
            for definition in reversed(self._by_name.get(code.co_name, ()))
            if (definition.kind, definition.filename, definition.line) == place
        }
        if len(there) == 1:
            return next(iter(there))
        return next((definition for definition in there if _made(definition, code)), None)

    def klass(self, value: type) -> Definition | None:
        """The statement that made this class."""
        name = type.__getattribute__(value, "__qualname__")
        for definition in reversed(self._by_name.get(name, ())):
            if definition.kind in ("class", "value") and _is_made_by(value, definition):
                return definition
        return None

    def factory(self, name: str, value: Any) -> Definition | None:
        """The assignment that made a type variable or its like."""
        for definition in reversed(self._by_name.get(name, ())):
            if definition.kind == "value":
                return definition if getattr(value, "__name__", None) == name else None
        return None

    def lambdas(self, name: str, value: Any) -> Definition | None:
        """The assignment of lambdas, or of a display of them, whose value this still is."""
        for definition in reversed(self._by_name.get(name, ())):
            if definition.kind != "value":
                continue
            made: dict[str, Any] = {}
            try:
                definition.run(made)  # constants and lambdas: nothing else is evaluated
            except Exception:
                return None
            return definition if name in made and _same(made[name], value, 0) else None
        return None


def is_class(value: Any) -> bool:
    """Whether it is a class, whatever it says of itself."""
    return issubclass(type(value), type)


def unwrap(value: Any) -> Any:
    """The function at the bottom of what ``functools.wraps`` left."""
    for _ in range(_MOST_WRAPPED):
        try:
            inner = object.__getattribute__(value, "__dict__").get("__wrapped__")
        except Exception:  # it has none, or is not what it seems
            return value
        if inner is None:
            return value
        value = inner
    return value


def _made(definition: Definition, code: types.CodeType) -> bool:
    """Whether this code came of this statement: two cells may have the same name and lines. What
    the compiler makes of a call depends on the cell around it, so instructions do not count.
    """
    try:
        module = definition.compiled()
    except Exception:
        return False
    return any(
        _outline(inner) == _outline(code)
        for inner in module.co_consts
        if isinstance(inner, types.CodeType)
    )


def _outline(code: types.CodeType) -> tuple[Any, ...]:
    constants = [
        _outline(constant) if isinstance(constant, types.CodeType) else (type(constant), constant)
        for constant in code.co_consts
    ]
    return code.co_name, code.co_names, code.co_varnames, code.co_flags, code.co_argcount, constants


def _is_made_by(value: type, definition: Definition) -> bool:
    """The methods of a class are on the lines of its statement, and what its body binds is there:
    a cell may have failed before it came to the class.
    """
    if definition.kind == "value":
        return True
    contents = type.__getattribute__(value, "__dict__")
    first = contents.get("__firstlineno__")  # Python 3.13
    if type(first) is int and first != definition.line:
        return False
    if not class_body_names(definition) <= contents.keys():
        return False
    for member in contents.values():
        code = getattr(member, "__code__", None) if type(member) is types.FunctionType else None
        if code is not None and code.co_filename == definition.filename:
            return bool(definition.line <= code.co_firstlineno <= definition.last)
    return True


def class_body_names(definition: Definition) -> set[str]:
    """What the body of a class binds by plain statements."""
    (statement,) = ast.parse(definition.source).body
    names: set[str] = set()
    for node in getattr(statement, "body", ()):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("__") and name != "_"}


def _imports(definition: Definition, value: Any) -> bool:
    """Whether the statement, run again, would bind the name to this same object."""
    (statement,) = ast.parse(definition.source).body
    if isinstance(statement, ast.Import):
        (alias,) = statement.names
        module = alias.name if alias.asname else alias.name.partition(".")[0]
        return sys.modules.get(module) is value
    if not isinstance(statement, ast.ImportFrom) or statement.module is None:
        return False
    (alias,) = statement.names
    if type(value) is not types.ModuleType and not (is_class(value) or callable(value)):
        return False  # data, which may have changed since
    home = sys.modules.get(statement.module)
    return getattr(home, alias.name, None) is value


def _same(one: Any, other: Any, depth: int) -> bool:
    """Whether two displays of constants and lambdas are equal."""
    if type(one) is not type(other) or depth > _DEEPEST_DISPLAY:
        return False
    if type(one) is types.FunctionType:
        return bool(
            one.__code__ == other.__code__
            and _same(one.__defaults__, other.__defaults__, depth + 1)
            and _same(one.__kwdefaults__, other.__kwdefaults__, depth + 1)
        )
    if type(one) is dict:
        return len(one) == len(other) and all(
            _same(key, his, depth + 1) and _same(one[key], other[his], depth + 1)
            for key, his in zip(one, other, strict=True)
        )
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(
            _same(mine, his, depth + 1) for mine, his in zip(one, other, strict=True)
        )
    return type(one) in (int, float, complex, str, bytes, bool, type(None)) and one == other


# --- reading a cell ---------------------------------------------------------------------------


def _definitions(filename: str, source: str) -> Iterator[Definition]:
    lines = [line.encode("utf-8", "surrogatepass") for line in split_lines(source)]
    body = ast.parse(source).body
    flags = 0
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    for statement in _statements(body):
        yield from _read(statement, filename, lines, flags)


def _statements(body: Iterable[Any]) -> Iterator[ast.stmt]:
    """Statements of a cell, those within its ``if``, ``try``, ``with`` and loops too; not those of
    functions and classes.
    """
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                yield from _statements(getattr(node, part, ()))
        if isinstance(node, ast.stmt):
            yield node


def _read(node: ast.stmt, filename: str, lines: list[bytes], flags: int) -> Iterator[Definition]:
    first, last = node.lineno, node.end_lineno or node.lineno
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        text = _segment(lines, node)
        kind: Kind = "class" if isinstance(node, ast.ClassDef) else "function"
        decorators = "".join(f"@{_segment(lines, d)}\n" for d in node.decorator_list)
        if decorators:
            first = node.decorator_list[0].lineno
            decorators += "\n" * (node.lineno - first - decorators.count("\n"))  # comments between
        yield Definition(
            kind, (node.name,), filename, first, decorators + text, (text, node.lineno), flags, last
        )
    elif isinstance(node, ast.Import | ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and (node.level or node.module == "__future__"):
            return
        for alias in node.names:
            if alias.name == "*":
                continue
            if isinstance(node, ast.Import):
                text = ast.unparse(ast.Import([alias]))
                name = alias.asname or alias.name.partition(".")[0]
            else:
                text = ast.unparse(ast.ImportFrom(node.module, [alias], 0))
                name = alias.asname or alias.name
            yield Definition("import", (name,), filename, first, text, (text, first), 0, last)
    else:
        names = _assigned(node)
        if names:
            text = _segment(lines, node)
            yield Definition("value", names, filename, first, text, (text, first), flags, last)


def _segment(lines: list[bytes], node: ast.stmt | ast.expr) -> str:
    """The text of a node. Columns count bytes of UTF-8."""
    assert node.end_lineno is not None
    picked = lines[node.lineno - 1 : node.end_lineno]
    picked[-1] = picked[-1][: node.end_col_offset]
    picked[0] = picked[0][node.col_offset :]
    return b"".join(picked).decode("utf-8", "surrogatepass")


def _assigned(node: ast.stmt) -> tuple[str, ...]:
    """The names of an assignment of lambdas, or of a class made by a call; else nothing."""
    targets: list[Any]
    if isinstance(node, ast.Assign):
        targets, value = list(node.targets), node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        return ()  # its annotation would be evaluated as well
    elif _TYPE_ALIAS and isinstance(node, _TYPE_ALIAS):
        return (node.name.id,)
    else:
        return ()
    if not all(isinstance(target, ast.Name) for target in targets):
        return ()
    if not (_makes_a_type(value) or (_has_lambda(value) and _is_constant(value, 0))):
        return ()
    return tuple(target.id for target in targets)


def _makes_a_type(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _FACTORIES and not any(
        isinstance(part, ast.Call | ast.Await | ast.Yield | ast.NamedExpr | ast.Lambda)
        for argument in [*value.args, *value.keywords]
        for part in ast.walk(argument)
    )


def _has_lambda(value: ast.expr) -> bool:
    return isinstance(value, ast.Lambda) or (
        isinstance(value, _DISPLAYS) and any(isinstance(n, ast.Lambda) for n in ast.walk(value))
    )


def _is_constant(value: Any, depth: int) -> bool:
    """Whether evaluating it does nothing but make constants, lambdas and displays of them."""
    if depth > _DEEPEST_DISPLAY:
        return False
    if isinstance(value, ast.Lambda):
        defaults = [*value.args.defaults, *filter(None, value.args.kw_defaults)]
        return all(_is_constant(default, depth + 1) for default in defaults)
    if isinstance(value, ast.Dict):
        parts = [*value.keys, *value.values]
        return all(part is not None and _is_constant(part, depth + 1) for part in parts)
    if isinstance(value, ast.List | ast.Tuple):
        return all(_is_constant(part, depth + 1) for part in value.elts)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.operand, ast.Constant)
    return isinstance(value, ast.Constant)
