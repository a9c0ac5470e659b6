"""A checked script as source for a small Python: its budgets written in, in plainer words.

For a small language it is not enough to write into the author's text, as :mod:`instrument` does:
some of what the dialect allows it does not parse, and some it does in another way than CPython. So
each expression is written anew, from the tree, in the line where the author has it::

    for x in xs:             for x in _turns(xs):               a tick for each turn
    while x:                 while _tick() and x:               the same
    f(x)                     _call_f(x)                         a tick, and a frame
    a * b                    _multiply(a, b)                    where :mod:`numbers` finds no bound
    {"a": 1}                 _dict([("a", 1)])                  in its order
    f"{x:.2f}"               "".join([_format(x, ".2f")])       as CPython formats
    xs.sort()                _method_sort(xs)                   stable
    xs[::2]                  _slice(xs, None, None, 2)

What follows the author's last line is ours: what counts frames, and the function that is called.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ringfence.blocks.dialect import Script, numbers_of
from ringfence.blocks.findings import Findings
from ringfence.blocks.numbers import ANY, Numbers
from ringfence.blocks.source_lines import SourceLines
from ringfence.blocks.vocabulary import PRIMITIVES

__all__ = ["ENTRY", "Language", "Translated", "translate"]

ENTRY = "_entry"
"""The function to be called."""

_METHODS = frozenset({"sort", "setdefault", "zfill", "capitalize", "title", "isdigit", "isalpha"})
_GUARDS: dict[type[ast.operator], str] = {
    ast.Mult: "_multiply", ast.Pow: "_power", ast.LShift: "_shift", ast.Mod: "_modulo",
}  # fmt: skip
_WRAPPING: dict[type[ast.operator], str] = {ast.Add: "_add", ast.Sub: "_subtract"}
_WRAPPED = 63
_ALL_CONSUMED = frozenset({"sum", "min", "max", "list", "tuple", "set", "sorted", "dict"})


class Language(NamedTuple):
    """What a language has.

    Attributes:
        integers: bits of its ints, which wrap; None: they have no end.
        generator_expressions: whether it has them.
        arguments: how many a call has at most.
    """

    integers: int | None
    generator_expressions: bool
    arguments: int


class Translated(NamedTuple):
    """A script for a small Python.

    Attributes:
        source: whose :data:`ENTRY` is called.
        lines: how many of them are the author's.
        numeric: whether its arguments are numbers; else one list of all of them.
    """

    source: str
    lines: int
    numeric: bool


def translate(script: Script, language: Language, engine: str) -> Translated:
    """The source for an engine's language.

    Raises:
        BlockRejected: it holds what cannot be said in that language.
    """
    findings = Findings(script.source)
    translated = _Module(script, language, engine, findings).translate()
    findings.raise_if_any(script.name)
    return translated


class _Module:
    """Writes a script."""

    def __init__(self, script: Script, language: Language, engine: str, findings: Findings) -> None:
        # Writing it anew changes the tree, which others have too.
        self._script = replace(script, tree=copy.deepcopy(script.tree))
        self._language = language
        self._engine, self._findings = engine, findings
        self._lines = SourceLines()
        self._functions = {
            node.name: node for node in self._script.tree.body if isinstance(node, ast.FunctionDef)
        }
        self._numbers: Numbers | None = None

    def translate(self) -> Translated:
        for node in self._script.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.decorator_list:
                self._function(node)
            else:
                self._statement(node, 0)
        lines = self._script.source.count("\n") + 1
        for name, node in self._functions.items():
            self._add_frame(name, node)
        numeric = self._add_entry()
        return Translated(self._lines.text(), lines, numeric)

    # --- what is called --------------------------------------------------------------------

    def _add_frame(self, name: str, node: ast.FunctionDef) -> None:
        """What counts a frame of a function, and has its defaults."""
        given = node.args
        if given.vararg or given.kwarg:
            self._lines.append(f"def _call_{name}(*a, **k):")
            call = f"{name}(*a, **k)"
        else:
            plain = [*given.posonlyargs, *given.args]
            missing = len(plain) - len(given.defaults)
            defaults: list[ast.expr | None] = [None] * missing + [*given.defaults]
            plain += given.kwonlyargs
            defaults += given.kw_defaults
            late = any(default is not None for default in defaults)
            signature, filled = [], []
            for argument, default in zip(plain, defaults, strict=True):
                text = argument.arg
                if default is None:
                    late_default = late and argument in given.kwonlyargs
                    text += "=None" if late_default else ""
                elif isinstance(default, ast.Constant):
                    text += f"={ast.unparse(default)}"
                else:
                    text += "=None"
                    value = ast.unparse(self._expression(default))
                    filled.append(f" {argument.arg} = {value} if {argument.arg} is None "
                                  f"else {argument.arg}")  # fmt: skip
                signature.append(text)
            self._lines.append(f"def _call_{name}({', '.join(signature)}):")
            for line in filled:
                self._lines.append(line)
            call = f"{name}({', '.join(argument.arg for argument in plain)})"
        self._lines.append(" _enter()")
        self._lines.append(f" return _leave({call})")

    def _add_entry(self) -> bool:
        """What evaluates one instance; whether its arguments are numbers."""
        parameters = self._script.parameters
        numeric = len(parameters) <= self._language.arguments and all(
            one.type in ("int", "float", "bool") for one in parameters
        )
        names = [f"p{n}" if numeric else f"p[{n}]" for n in range(len(parameters))]
        given = []
        for one, name in zip(parameters, names, strict=True):
            if one.type == "bool" and numeric:
                given.append(f"{name} == 1")
            elif one.type == "tuple":
                given.append(f"tuple({name})")
            elif one.type == "geometry":
                given.append(f"_geometry({name})")
            else:
                given.append(name)
        call = f"{self._script.function}({', '.join(given)})"
        self._lines.append(f"def {ENTRY}({', '.join(names) if numeric else 'p'}):")
        self._lines.append(" _begin()")
        self._lines.append(f" {call}")
        self._lines.append(" return _end()")
        return numeric

    # --- statements ------------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef) -> None:
        self._numbers = numbers_of(
            node, self._script.tree, block=node.name == self._script.function
        )
        given = node.args
        plain = [one.arg for one in [*given.posonlyargs, *given.args, *given.kwonlyargs]]
        plain += [f"*{given.vararg.arg}"] if given.vararg else []
        plain += [f"**{given.kwarg.arg}"] if given.kwarg else []
        self._lines.put(node.lineno, 0, f"def {node.name}({', '.join(plain)}):", opens=True)
        self._body(node.body, 1)

    def _body(self, body: Sequence[ast.stmt], depth: int) -> None:
        for node in body:
            self._statement(node, depth)

    def _statement(self, node: ast.stmt, depth: int) -> None:
        line, lines = node.lineno, self._lines
        if isinstance(node, ast.If | ast.While | ast.For):
            self._compound(node, depth, "")
        elif isinstance(node, ast.Try):
            self._try(node, depth)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            name = node.names[0].name if isinstance(node, ast.Import) else node.module or "."
            lines.put(line, depth, f"_import({name!r})")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.put(line, depth, "pass")
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = self._text(node.target, 0), self._text(node.value, line)
            lines.put(line, depth, f"{target} = {value}")
        elif isinstance(node, ast.AugAssign):
            self._augment(node, depth)
        elif isinstance(node, ast.Expr):
            lines.put(line, depth, self._text(node.value, line))
        elif isinstance(node, ast.Assign):
            targets = "".join(f"{self._target(target)} = " for target in node.targets)
            lines.put(line, depth, targets + self._text(node.value, line))
        elif isinstance(node, ast.Return) and node.value is not None:
            lines.put(line, depth, f"return {self._text(node.value, line)}")
        elif isinstance(node, ast.Assert | ast.Raise | ast.Return):
            lines.put(line, depth, ast.unparse(self._expression(node)))
        else:  # of scripts that nobody has checked, but for pass, break and continue
            for offset, text in enumerate(ast.unparse(node).split("\n")):
                lines.put(line + offset, depth, text, simple=offset == 0)

    def _compound(self, node: ast.If | ast.While | ast.For, depth: int, before: str) -> None:
        line = node.lineno
        if isinstance(node, ast.For):
            turns = f"_turns({self._text(node.iter, line)})"
            head = f"for {self._target(node.target)} in {turns}:"
        elif isinstance(node, ast.While):
            head = f"while _tick() and ({self._text(node.test, line)}):"
        else:
            head = f"{before}if {self._text(node.test, line)}:"
        self._lines.put(line, depth, head, opens=True)
        self._body(node.body, depth + 1)
        rest = node.orelse
        if not rest:
            return
        if isinstance(node, ast.If) and len(rest) == 1 and isinstance(rest[0], ast.If):
            self._compound(rest[0], depth, "el")
            return
        self._lines.put_between(rest[0].lineno, depth, "else:")
        self._body(rest, depth + 1)

    def _try(self, node: ast.Try, depth: int) -> None:
        self._lines.put(node.lineno, depth, "try:", opens=True)
        self._body(node.body, depth + 1)
        for handler in node.handlers:
            kind = "" if handler.type is None else f" {ast.unparse(handler.type)}"
            name = "" if handler.name is None else f" as {handler.name}"
            self._lines.put(handler.lineno, depth, f"except{kind}{name}:", opens=True)
            self._body(handler.body, depth + 1)
        for word, body in (("else:", node.orelse), ("finally:", node.finalbody)):
            if body:
                self._lines.put_between(body[0].lineno, depth, word)
                self._body(body, depth + 1)

    def _augment(self, node: ast.AugAssign, depth: int) -> None:
        guard = self._guard_in_place(node)
        line = node.lineno
        value = self._text(node.value, line)
        if guard and isinstance(node.target, ast.Name):
            name = node.target.id
            self._lines.put(line, depth, f"{name} = {guard}({name}, {value})")
            return
        if guard and isinstance(node.target, ast.Subscript):
            message = f"an operation in place may be of more than 64 bits on {self._engine}"
            self._findings.at(node, message, "write values[i] = values[i] + x")
        text = ast.unparse(ast.AugAssign(node.target, node.op, ast.Name("value", ast.Load())))
        text = text.removesuffix("value")
        if not isinstance(node.target, ast.Name):
            sign = text.removeprefix(ast.unparse(node.target))
            text = self._text(node.target, 0) + sign
        self._lines.put(line, depth, text + value)

    def _guard_in_place(self, node: ast.AugAssign) -> str:
        numbers = self._numbers
        if numbers is None:
            return ""
        joined = ast.BinOp(node.target, node.op, node.value)
        if isinstance(node.op, ast.Add | ast.Sub) and self._may_wrap(joined):
            return "_in_place" if isinstance(node.op, ast.Add) else "_subtract"
        guarded = numbers.guarded_in_place(node) or self._may_wrap(joined)
        return _GUARDS.get(type(node.op), "") if guarded else ""

    def _may_wrap(self, node: ast.BinOp) -> bool:
        if self._language.integers is None or self._numbers is None:
            return False
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod | ast.BitAnd | ast.RShift):
            return False
        known = self._numbers.of(node)
        return known == ANY or known > _WRAPPED

    # --- expressions -----------------------------------------------------------------------

    def _expression(self, node: Any) -> Any:
        return _Expression(
            self._functions, self._numbers, self._may_wrap, self._language, self._refuse
        ).visit(node)

    def _text(self, node: ast.expr, line: int) -> str:
        """An expression as text, in brackets where it takes several lines; ``line`` is where it
        begins, or 0 to have it in one.
        """
        several = line and (node.end_lineno or line) > line
        node = self._expression(node)
        return self._lines.spread(node, line) if several else ast.unparse(node)

    def _target(self, node: ast.expr) -> str:
        """A target as text, without brackets: not every language has them there."""
        text = self._text(node, 0)
        several = isinstance(node, ast.Tuple) and len(node.elts) > 1
        return text.removeprefix("(").removesuffix(")") if several else text

    def _refuse(self, node: ast.AST, what: str, remedy: str) -> None:
        self._findings.at(node, f"{what} is not there on {self._engine}", remedy)


class _Expression(ast.NodeTransformer):
    """Writes an expression anew."""

    def __init__(
        self,
        functions: Any,
        numbers: Numbers | None,
        may_wrap: Any,
        language: Language,
        refuse: Any,
    ) -> None:
        self._functions, self._numbers, self._may_wrap = functions, numbers, may_wrap
        self._language, self._refuse = language, refuse
        self._names: dict[str, str] = {}
        self._made = 0

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names:
            return ast.copy_location(ast.Name(self._names[node.id], node.ctx), node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        wide = type(node.value) is int and node.value.bit_length() > _WRAPPED
        if wide and self._language.integers is not None:
            self._refuse(node, "a number of 64 bits", "write a float")
        if isinstance(node.value, str) and not node.value.isprintable():
            return ast.copy_location(ast.Name(_literal(node.value), ast.Load()), node)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.UAdd) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        body, test, rest = map(ast.unparse, (node.body, node.test, node.orelse))
        return ast.copy_location(ast.Name(f"({body} if {test} else {rest})", ast.Load()), node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        kept = self._names
        hidden = {argument.arg for argument in node.args.args}
        self._names = {name: new for name, new in kept.items() if name not in hidden}
        self.generic_visit(node)
        self._names = kept
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        guard = ""
        if self._numbers is not None:
            wraps = self._may_wrap(node)
            if wraps or self._numbers.guarded(node):
                guard = _GUARDS.get(type(node.op), "")
            if wraps:
                guard = guard or _WRAPPING.get(type(node.op), "")
        self.generic_visit(node)
        return _call(guard, [node.left, node.right], node) if guard else node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        self.generic_visit(node)
        if None in node.keys:
            return node
        pairs: list[ast.expr] = [
            ast.copy_location(ast.Tuple([key, value], ast.Load()), key)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        items = ast.copy_location(ast.List(pairs, ast.Load()), node)
        return _call("_dict", [items], node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        part = node.slice
        if not isinstance(part, ast.Slice) or part.step is None:
            return node
        if not isinstance(node.ctx, ast.Load):
            return node
        none = ast.copy_location(ast.Constant(None), node)
        bounds = [part.lower or none, part.upper or none, part.step]
        return _call("_slice", [node.value, *bounds], node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = node.func
        lazy = (
            node.args[0]
            if len(node.args) == 1 and not self._language.generator_expressions
            else None
        )
        if isinstance(lazy, ast.GeneratorExp):
            name = called.id if isinstance(called, ast.Name) else ""
            joins = isinstance(called, ast.Attribute) and called.attr in ("join", "extend")
            if name in _ALL_CONSUMED or joins:
                node.args = [ast.copy_location(ast.ListComp(lazy.elt, lazy.generators), lazy)]
        self.generic_visit(node)
        if isinstance(called, ast.Name):
            self._give_by_place(node, called.id)
        if isinstance(called, ast.Name) and called.id in self._functions:
            node.func = ast.copy_location(ast.Name(f"_call_{called.id}", ast.Load()), called)
        elif isinstance(called, ast.Attribute) and called.attr in _METHODS:
            made = _call(f"_method_{called.attr}", [called.value, *node.args], node)
            made.keywords = node.keywords
            return made
        return node

    def _give_by_place(self, node: ast.Call, name: str) -> None:
        """Give by its place what has no default: not every language takes it by its name."""
        if name in self._functions:
            given = self._functions[name].args
            required = [one.arg for one in [*given.posonlyargs, *given.args]]
        elif name in PRIMITIVES:
            required = list(PRIMITIVES[name].required)
        else:
            return
        if any(isinstance(one, ast.Starred) for one in node.args):
            return
        named = {keyword.arg: keyword for keyword in node.keywords if keyword.arg}
        for parameter in required[len(node.args) :]:
            if parameter not in named:
                return
            node.args.append(named[parameter].value)
            node.keywords.remove(named[parameter])

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        parts: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = ""
                if isinstance(part.format_spec, ast.JoinedStr):
                    spec = "".join(
                        str(one.value) for one in part.format_spec.values
                        if isinstance(one, ast.Constant)
                    )  # fmt: skip
                value = self.visit(part.value)
                if part.conversion == ord("s"):
                    value = _call("str", [value], node)
                elif part.conversion != -1:
                    value = _call("repr", [value], node)
                parts.append(_call("_format", [value, ast.Constant(spec)], node))
            else:
                parts.append(self.visit(part))
        joined = ast.Call(
            ast.Attribute(ast.Constant(""), "join", ast.Load()),
            [ast.List(parts, ast.Load())],
            [],
        )
        for inner in ast.walk(joined):  # their places are not known to CPython 3.11
            ast.copy_location(inner, node)
        return joined

    # --- comprehensions --------------------------------------------------------------------

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehension(node, node.elt, node.generators)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        made = self._comprehension(node, node.elt, node.generators)
        return _call("set", [made], node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
        return _call("_dict", [self._comprehension(node, pair, node.generators)], node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        if not self._language.generator_expressions:
            remedy = "write a for loop, or a list: [x for x in xs]"
            self._refuse(node, "a generator expression", remedy)
            return node
        return self._comprehension(node, node.elt, node.generators, lazy=True)

    def _comprehension(
        self,
        node: ast.expr,
        element: ast.expr,
        generators: list[ast.comprehension],
        *,
        lazy: bool = False,
    ) -> ast.expr:
        """A list of it, or what gives one after another, whose names are its own: not every
        language keeps them apart.
        """
        kept = dict(self._names)
        turns: list[ast.comprehension] = []
        for one in generators:
            source = self.visit(one.iter)
            for name in ast.walk(one.target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    self._made += 1
                    self._names[name.id] = f"_{self._made}_{name.id}"
            target = self.visit(one.target)
            tests = [self.visit(test) for test in one.ifs]
            turns.append(ast.comprehension(target, _call("_turns", [source], one.iter), tests, 0))
        element = self.visit(element)
        self._names = kept
        if lazy:
            return ast.copy_location(ast.GeneratorExp(element, turns), node)
        if self._language.generator_expressions or len(turns) == 1:
            return ast.copy_location(ast.ListComp(element, turns), node)
        made: ast.expr = ast.copy_location(ast.ListComp(element, [turns.pop()]), node)
        while turns:
            rows = ast.copy_location(ast.ListComp(made, [turns.pop()]), node)
            made = _call("_flat", [rows], node)
        return made


def _literal(text: str) -> str:
    """A text as it is, with the escapes that every language has."""
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        return repr(text)
    escaped = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "'" + "".join(escaped.get(character, character) for character in text) + "'"


def _call(name: str, given: Sequence[ast.expr], at: ast.AST) -> ast.Call:
    made = ast.Call(ast.copy_location(ast.Name(name, ast.Load()), at), list(given), [])
    return ast.copy_location(made, at)
