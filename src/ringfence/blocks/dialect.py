"""The dialect: which Python a block script may be, checked once, on the host, by its tree.

This is policy and good manners: it gives early and clear messages, and makes scripts mean the same
on every engine. It is not the wall; that is the engine's.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ringfence.blocks import bounds
from ringfence.blocks.findings import Findings
from ringfence.blocks.numbers import ANY, FLOAT, Numbers, of_constant
from ringfence.blocks.signature import Parameter, read_parameters
from ringfence.blocks.syntax import children, walk
from ringfence.blocks.vocabulary import FUNCTIONS, LENT, MATH, MEMBERS, PRIMITIVES, REFUSED

__all__ = ["Script", "check", "read_unchecked"]

_FORMAT = re.compile(r"(?:[^{}]?[<>=^])?[-+ ]?[z]?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?[bcdeEfFgGnosxX%]?")
_OF_PARAMETER = {"float": FLOAT, "int": 64, "bool": 1}
_STATEMENTS: dict[type[ast.stmt], tuple[str, str]] = {
    ast.Import: ("import is not allowed", "math and the primitives are there already"),
    ast.ImportFrom: ("import is not allowed", "math and the primitives are there already"),
    ast.ClassDef: ("a class is not allowed", "use functions, tuples, Point, Color and Transform"),
    ast.AsyncFunctionDef: ("async is not allowed", "write def"),
    ast.Try: ("try is not allowed", "test with if what would go wrong"),
    ast.TryStar: ("try is not allowed", "test with if what would go wrong"),
    ast.With: ("with is not allowed", "there is nothing to open"),
    ast.AsyncWith: ("with is not allowed", "there is nothing to open"),
    ast.AsyncFor: ("async is not allowed", "write for"),
    ast.Global: ("global is not allowed", "return values, and give them as arguments"),
    ast.Nonlocal: ("nonlocal is not allowed", "return values, and give them as arguments"),
    ast.Delete: ("del is not allowed", "use pop, or build what you need"),
    ast.Match: ("match is not allowed", "use if and elif"),
}
_EXPRESSIONS: dict[type[ast.expr], tuple[str, str]] = {
    ast.NamedExpr: (":= is not allowed", "assign on a line of its own"),
    ast.Await: ("await is not allowed", "nothing of a block waits"),
    ast.Yield: ("yield is not allowed", "append to a list, and return it"),
    ast.YieldFrom: ("yield is not allowed", "append to a list, and return it"),
    ast.Lambda: ("a lambda may only be key=", "write a function above the block"),
    ast.Starred: ("* is not allowed here", "write the items"),
}


@dataclass(frozen=True)
class Script:
    """A checked block script: what every engine is given.

    Attributes:
        name: what messages call it.
        source: its text, with line ends of one kind.
        function: the name of the block's function, the last one.
        line: where that is.
        parameters: of that function.
        key: SHA-256 of the text, in hexadecimal.
        tree: for those who compile it.
    """

    name: str
    source: str
    function: str
    line: int
    parameters: tuple[Parameter, ...]
    key: str
    tree: ast.Module = field(repr=False, compare=False)


def check(source: str, name: str) -> Script:
    """A script that keeps to the dialect.

    Raises:
        BlockRejected: it does not; says all that is wrong with it.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    findings = Findings(source)
    tree = bounds.parse(source, findings)
    if tree is not None:
        _Module(tree, findings).check()
    findings.raise_if_any(name)
    assert tree is not None
    return _script(source, name, tree)


def read_unchecked(source: str, name: str) -> Script:
    """The same without the check, for those who test what stands behind it."""
    return _script(source, name, ast.parse(source))


def _script(source: str, name: str, tree: ast.Module) -> Script:
    (*_, function) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    parameters = read_parameters(function, Findings(source))
    key = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return Script(name, source, function.name, function.lineno, parameters, key, tree)


def constants_of(tree: ast.Module) -> dict[str, int]:
    """What is known of the constants of a module, by name."""
    known: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            while isinstance(value, ast.UnaryOp):
                value = value.operand
            kind = ANY
            if isinstance(value, ast.Constant):
                kind = of_constant(value.value)
            elif isinstance(value, ast.Attribute):
                kind = FLOAT
            known[node.targets[0].id] = kind
    return known


def numbers_of(function: ast.FunctionDef, tree: ast.Module, *, block: bool) -> Numbers:
    """What is known of the values in a function."""
    known = constants_of(tree)
    for argument in [*function.args.args, *function.args.kwonlyargs]:
        note = argument.annotation
        kind = _OF_PARAMETER.get(note.id, ANY) if isinstance(note, ast.Name) and block else ANY
        known[argument.arg] = kind
    return Numbers(function, known)


class _Module:
    """Checks the statements of a module."""

    def __init__(self, tree: ast.Module, findings: Findings) -> None:
        self._tree, self._findings = tree, findings
        self._functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        self._names: set[str] = set()

    def check(self) -> None:
        body = self._tree.body
        if not self._functions:
            message = "there is no function"
            self._findings.add(0, 0, message, "write def block(width: float = 1.0): …")
            return
        callable_names = {function.name for function in self._functions}
        constants: set[str] = set()
        for index, node in enumerate(body):
            if isinstance(node, ast.FunctionDef):
                self._bind(node, node.name)
            elif isinstance(node, ast.Assign):
                constants |= self._constant(node)
            elif not (index == 0 and _is_text(node)):
                message, remedy = _STATEMENTS.get(
                    type(node),
                    (
                        "only functions and constants stand outside of functions",
                        "move it into a function",
                    ),
                )
                self._report(node, message, remedy)
        block = self._functions[-1]
        read_parameters(block, self._findings)
        for function in self._functions:
            _Function(
                function, self._tree, self._findings, callable_names, constants, function is block
            ).check()

    def _bind(self, node: ast.stmt, name: str) -> None:
        if name in self._names:
            self._report(node, f"{name} is there already", "choose another name")
        self._names.add(name)

    def _constant(self, node: ast.Assign) -> set[str]:
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name):
            self._report(node, "a constant has one name", "write NAME = 1.0")
            return set()
        if not _is_literal(node.value):
            message = f"{target.id} is not a constant"
            remedy = "write a number, a text or a tuple of them; compute it in a function"
            self._report(node.value, message, remedy)
        _check_name(target.id, target, self._findings, stored=True)
        self._bind(node, target.id)
        return {target.id}

    def _report(self, node: ast.AST, message: str, remedy: str) -> None:
        self._findings.at(node, message, remedy)


def _is_text(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
        return False
    return isinstance(node.value.value, str)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_literal, node.elts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id == "math" and node.attr in ("pi", "tau", "e", "inf")
    if not isinstance(node, ast.Constant):
        return False
    return node.value is None or type(node.value) in (int, float, bool, str)


def _check_name(name: str, node: Any, findings: Findings, *, stored: bool) -> bool:
    """Report a name that no script may use; whether it may."""
    if name.startswith("_") and name != "_":
        message = f"the name {name} begins with _"
        findings.at(node, message, REFUSED.get(name, "names of scripts begin with a letter"))
        return False
    if stored and (name in LENT or name in REFUSED):
        why = "is lent by the host" if name in LENT else "is a name of Python's"
        findings.at(node, f"{name} {why} and keeps its meaning", "choose another name")
        return False
    return True


class _Function:
    """Checks one function: statements, expressions, names."""

    def __init__(
        self,
        function: ast.FunctionDef,
        tree: ast.Module,
        findings: Findings,
        functions: set[str],
        constants: set[str],
        block: bool,
    ) -> None:
        self._function, self._findings, self._block = function, findings, block
        self._functions = functions
        self._tree = tree
        given = function.args
        self._arguments = [
            one
            for one in [
                *given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg,
            ]
            if one is not None
        ]  # fmt: skip
        stored = (
            node.id
            for node in walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        self._names = {one.arg for one in self._arguments} | set(stored) | constants
        self._statements: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Return: self._maybe, ast.Expr: self._maybe,
            ast.Assign: self._assign, ast.AugAssign: self._augment, ast.AnnAssign: self._declare,
            ast.For: self._for, ast.While: self._while, ast.If: self._while,
            ast.Assert: self._assert, ast.Raise: self._raise,
            ast.Pass: self._nothing, ast.Break: self._nothing, ast.Continue: self._nothing,
        }  # fmt: skip
        self._expressions: dict[type[ast.expr], Callable[[Any], None]] = {
            ast.Constant: self._constant, ast.Name: self._name, ast.Attribute: self._attribute,
            ast.Call: self._call, ast.BinOp: self._operation, ast.UnaryOp: self._parts,
            ast.BoolOp: self._parts, ast.Compare: self._parts, ast.IfExp: self._parts,
            ast.Tuple: self._parts, ast.List: self._parts, ast.Set: self._parts,
            ast.Dict: self._dict, ast.Subscript: self._parts, ast.Slice: self._parts,
            ast.ListComp: self._comprehension, ast.SetComp: self._comprehension,
            ast.DictComp: self._comprehension, ast.GeneratorExp: self._comprehension,
            ast.JoinedStr: self._text,
        }  # fmt: skip

    @cached_property
    def _numbers(self) -> Numbers:
        return numbers_of(self._function, self._tree, block=self._block)

    def check(self) -> None:
        function = self._function
        _check_name(function.name, function, self._findings, stored=True)
        for decorator in function.decorator_list:
            self._report(decorator, "a decorator is not allowed", "leave it out")
        if getattr(function, "type_params", None):
            self._report(function, "type parameters are not allowed", "leave them out")
        given = function.args
        for one in self._arguments:
            _check_name(one.arg, one, self._findings, stored=True)
            if one in (given.vararg, given.kwarg) and not self._block:
                self._report(one, f"*{one.arg} is not allowed", "name each parameter")
        if not self._block:
            for default in [*given.defaults, *given.kw_defaults]:
                if default is not None and not _is_literal(default):
                    self._report(default, "a default is a literal", "write a number or a text")
        self._body(function.body)

    def _report(self, node: Any, message: str, remedy: str) -> None:
        self._findings.at(node, message, remedy)

    # --- statements ------------------------------------------------------------------------

    def _body(self, body: list[ast.stmt]) -> None:
        for node in body:
            check = self._statements.get(type(node))
            if check is not None:
                check(node)
            elif isinstance(node, ast.FunctionDef):
                message = "a function within a function is not allowed"
                self._report(
                    node, message, "write it above the block, with what it needs as arguments"
                )
            else:
                kind = type(node).__name__
                self._report(node, *_STATEMENTS.get(type(node), (f"{kind} is not allowed", "")))

    def _nothing(self, node: ast.stmt) -> None:
        """Nothing to check."""

    def _maybe(self, node: ast.Return | ast.Expr) -> None:
        if node.value is not None:
            self._expression(node.value)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._target(target)
        self._expression(node.value)

    def _augment(self, node: ast.AugAssign) -> None:
        self._target(node.target)
        self._expression(node.value)
        if isinstance(node.op, ast.MatMult):
            self._report(node, "@ is not allowed", "use then or apply of a Transform")
        elif not isinstance(node.target, ast.Name) and self._numbers.guarded_in_place(node):
            message = "this operation in place has to be guarded"
            self._report(node, message, "write values[i] = values[i] * x")

    def _declare(self, node: ast.AnnAssign) -> None:
        self._target(node.target)
        if node.value is None:
            self._report(node, "a declaration without a value is not allowed", "assign a value")
        else:
            self._expression(node.value)
        if not isinstance(node.annotation, ast.Name | ast.Subscript):
            self._report(node.annotation, "this is no type", "leave it out")

    def _for(self, node: ast.For) -> None:
        self._target(node.target)
        self._expression(node.iter)
        self._body(node.body)
        self._body(node.orelse)

    def _while(self, node: ast.While | ast.If) -> None:
        self._expression(node.test)
        self._body(node.body)
        self._body(node.orelse)

    def _assert(self, node: ast.Assert) -> None:
        self._expression(node.test)
        if node.msg is not None:
            self._expression(node.msg)

    def _raise(self, node: ast.Raise) -> None:
        raised = node.exc
        called = raised.func if isinstance(raised, ast.Call) else None
        if not (isinstance(called, ast.Name) and called.id == "ValueError") or node.cause:
            self._report(node, "only ValueError is raised", "write raise ValueError(message)")
        elif raised is not None:
            self._expression(raised)

    def _target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            if node.id in self._functions:
                self._report(node, f"{node.id} is a function", "choose another name")
            _check_name(node.id, node, self._findings, stored=True)
        elif isinstance(node, ast.Tuple | ast.List):
            for inner in node.elts:
                self._target(inner)
        elif isinstance(node, ast.Starred):
            self._target(node.value)
        elif isinstance(node, ast.Subscript):
            self._parts(node)
        elif isinstance(node, ast.Attribute):
            remedy = "values do not change; make a new one: Point(x, y)"
            self._report(node, f"the attribute {node.attr} is assigned", remedy)
        else:  # pragma: no cover - the grammar has no other targets
            self._report(node, "this cannot be assigned", "")

    # --- expressions -----------------------------------------------------------------------

    def _expression(self, node: ast.expr) -> None:
        check = self._expressions.get(type(node))
        if check is not None:
            check(node)
            return
        kind = type(node).__name__
        self._report(node, *_EXPRESSIONS.get(type(node), (f"{kind} is not allowed", "")))

    def _parts(self, node: ast.expr) -> None:
        for child in children(node):
            if isinstance(child, ast.expr):
                self._expression(child)

    def _dict(self, node: ast.Dict) -> None:
        for key in node.keys:
            if key is None:
                self._report(node, "** is not allowed here", "use update")
                return
        self._parts(node)

    def _constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is not None and type(value) not in (int, float, bool, str):
            self._report(node, f"a literal of type {type(value).__name__} is not allowed", "")
        elif type(value) is int and value.bit_length() > 64:
            self._report(node, "this number has more than 64 bits", "write a float")

    def _name(self, node: ast.Name) -> None:
        name = node.id
        if not _check_name(name, node, self._findings, stored=False) or name in self._names:
            return
        if name == "math":
            self._report(node, "math is no value", "name what you need: math.sqrt")
        elif name in self._functions or name in LENT:
            self._report(node, f"{name} is a function, and no value", f"call it: {name}(…)")
        else:
            self._unknown(node)

    def _unknown(self, node: ast.Name) -> None:
        remedy = REFUSED.get(node.id)
        if remedy is not None:
            self._report(node, f"{node.id} is not allowed", remedy)
        else:
            remedy = "assign it first, make it a parameter, or see docs/blocks.md for what is lent"
            self._report(node, f"{node.id} is not defined", remedy)

    def _attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            if node.attr not in MATH:
                self._report(node, f"math.{node.attr} is not there", _instead_of_math(node.attr))
            return
        self._expression(node.value)
        if node.attr in ("format", "format_map"):
            remedy = 'write an f-string: f"{value:.2f}"'
            self._report(node, f"the attribute {node.attr} is not allowed", remedy)
        elif node.attr not in MEMBERS:
            remedy = "docs/blocks.md lists those that are there"
            self._report(node, f"the attribute {node.attr} is not allowed", remedy)

    def _call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Attribute):
            self._attribute(called)
        elif not isinstance(called, ast.Name):
            self._report(node, "only names and methods are called", "give it a name")
            self._expression(called)
        elif called.id == "math":
            self._name(called)
        elif called.id not in self._functions and called.id not in LENT:
            self._not_callable(called)
        for argument in node.args:
            self._expression(argument.value if isinstance(argument, ast.Starred) else argument)
        for keyword in node.keywords:
            self._keyword(keyword)

    def _not_callable(self, called: ast.Name) -> None:
        if not _check_name(called.id, called, self._findings, stored=False):
            return
        if called.id in self._names:
            message = f"{called.id} is no function that can be called by name"
            self._report(called, message, "write a function above the block")
        else:
            self._unknown(called)

    def _keyword(self, keyword: ast.keyword) -> None:
        value = keyword.value
        if keyword.arg is None:
            self._report(value, "** is not allowed here", "name each argument")
        elif keyword.arg == "key" and isinstance(value, ast.Lambda):
            self._key(value)
        elif keyword.arg == "key" and isinstance(value, ast.Name) and value.id in FUNCTIONS:
            pass
        else:
            self._expression(value)

    def _key(self, node: ast.Lambda) -> None:
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
            self._report(node, "this lambda has more than plain parameters", "write lambda x: …")
        names = {one.arg for one in given.args} - self._names
        for one in given.args:
            _check_name(one.arg, one, self._findings, stored=True)
        self._names |= names
        self._expression(node.body)
        self._names -= names

    def _operation(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.MatMult):
            self._report(node, "@ is not allowed", "use then or apply of a Transform")
        left = node.left
        is_text = isinstance(left, ast.Constant) and isinstance(left.value, str)
        if isinstance(node.op, ast.Mod) and (is_text or isinstance(left, ast.JoinedStr)):
            remedy = 'write an f-string: f"{value:.2f}"'
            self._report(node, "text % values is not allowed", remedy)
        self._parts(node)

    def _comprehension(self, node: Any) -> None:
        for turn in node.generators:
            if turn.is_async:
                self._report(node, "async is not allowed", "write for")
            self._target(turn.target)
            self._expression(turn.iter)
            for test in turn.ifs:
                self._expression(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self._expression(part)

    def _text(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.Constant):
                continue
            assert isinstance(part, ast.FormattedValue)
            if part.conversion not in (-1, ord("s")):
                self._report(node, "!r and !a are not allowed", "leave them out")
            self._format(node, part.format_spec)
            self._counted(node, part.value)
            self._expression(part.value)

    def _format(self, node: ast.JoinedStr, spec: ast.expr | None) -> None:
        if spec is None:
            return
        assert isinstance(spec, ast.JoinedStr)
        parts = [part.value if isinstance(part, ast.Constant) else None for part in spec.values]
        if not all(isinstance(part, str) for part in parts):
            self._report(node, "a format that is computed is not allowed", "write the width")
        elif not _FORMAT.fullmatch("".join(map(str, parts))):
            message = "this format is not allowed"
            self._report(node, message, "widths have two digits at most: .2f, >8, 03d")

    def _counted(self, text: ast.JoinedStr, node: ast.expr) -> None:
        """Report what has to be counted or guarded: its place within a text is not known to
        CPython 3.11, and counting is done by rewriting the source.
        """
        for inner in ast.walk(node):
            counted = (
                isinstance(inner, ast.comprehension | ast.Lambda | ast.JoinedStr)
                or (
                    isinstance(inner, ast.Call)
                    and isinstance(inner.func, ast.Name)
                    and (inner.func.id in self._functions or inner.func.id in PRIMITIVES)
                )
                or (isinstance(inner, ast.BinOp) and self._numbers.guarded(inner))
            )
            if counted:
                message = "what has to be counted stands in an f-string"
                self._report(text, message, "compute it on a line of its own")
                return


def _instead_of_math(name: str) -> str:
    if name == "pow":
        return "write x ** y"
    return "docs/blocks.md lists what math has"
