"""A checked script with its budgets written into it, for engines whose guests are CPython.

The text is changed, and not the tree: no line is added or removed, so that the guest compiles plain
source and every line number is the author's. What is written in begins with ``_``, which no script
may use::

    for x in xs:             for x in _turns(xs,_ticks):        a tick for each turn
    while x:                 while _tick()and(x):               the same
    [f(x) for x in xs]       the same as ``for``
    f(x)                     _call(f,x)                         a tick, and a frame
    a * b                    _multiply(a,b)                     where :mod:`numbers` finds no bound
    line(a, b, c, d)         _draw((a, b, c, d,0.0,0.0,META))   the record itself, without a call

Where all records of a script are of one kind and colour, ``_draw((a, b, c, d))`` is enough.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ringfence.blocks.dialect import Script, numbers_of
from ringfence.blocks.numbers import Numbers
from ringfence.blocks.syntax import children, walk
from ringfence.blocks.vocabulary import PRIMITIVES
from ringfence_guest.protocol.geometry import BLACK

__all__ = ["Instrumented", "instrument"]

_GUARDS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Mult: ("_multiply", "*"),
    ast.Pow: ("_power", "**"),
    ast.LShift: ("_shift", "<<"),
    ast.Mod: ("_remainder", "%"),
}


class Instrumented(NamedTuple):
    """A script for guests that are CPython.

    Attributes:
        source: with its budgets.
        function: the block's.
        width: how many numbers of a record it gives: 7, or fewer where ``meta`` is that of all.
        meta: kind and colour, as the last number of a record.
    """

    source: str
    function: str
    width: int
    meta: int


_WHOLE = 7


def instrument(script: Script) -> Instrumented:
    """The source with its budgets."""
    return _Text(script).rewrite()


class _Text:
    """Collects changes of a text, and makes them."""

    def __init__(self, script: Script) -> None:
        self._source = script.source.encode("utf-8", "surrogatepass")
        self._tree = script.tree
        self._block = script.function
        starts = [0]
        starts += [index + 1 for index, byte in enumerate(self._source) if byte == 10]
        self._starts = starts
        self._functions = {
            node.name for node in script.tree.body if isinstance(node, ast.FunctionDef)
        }
        self._before: list[tuple[int, bytes]] = []  # outermost first
        self._after: list[tuple[int, bytes]] = []  # innermost first
        self._instead: dict[int, tuple[int, bytes]] = {}

    def rewrite(self) -> Instrumented:
        width, meta = self._uniform()
        self._whole = width == _WHOLE
        for node in self._tree.body:
            if isinstance(node, ast.FunctionDef):
                self._numbers: Numbers = numbers_of(
                    node, self._tree, block=node.name == self._block
                )
                for statement in node.body:
                    self._visit(statement)
        source = self._assemble().decode("utf-8", "surrogatepass")
        return Instrumented(source, self._block, width, meta)

    def _uniform(self) -> tuple[int, int]:
        """How many numbers of a record differ, and the last one if it does not."""
        metas = set()
        for node in walk(self._tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                if name in PRIMITIVES:
                    color = self._color_of_record(name, node)
                    if color is None:
                        return _WHOLE, 0
                    metas.add((len(PRIMITIVES[name].required), color << 32 | PRIMITIVES[name].kind))
        return metas.pop() if len(metas) == 1 else (_WHOLE, 0)

    def _assemble(self) -> bytes:
        edits = [(at, 0, order, at, text) for order, (at, text) in enumerate(self._after)]
        edits += [(at, 1, order, at, text) for order, (at, text) in enumerate(self._before)]
        edits += [(at, 2, 0, end, text) for at, (end, text) in self._instead.items()]
        out, done = [], 0
        for at, _, _, end, text in sorted(edits):
            out += [self._source[done:at], text]
            done = end
        return b"".join([*out, self._source[done:]])

    # --- places ----------------------------------------------------------------------------

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def _find(self, token: str, start: int) -> int:
        """Where a token is: between two expressions, so that there are no texts before it."""
        source, wanted = self._source, token.encode()
        while not source.startswith(wanted, start):
            if source[start] == ord("#"):
                start = source.index(b"\n", start)
            else:
                start += 1
        return start

    def _wrap(self, node: ast.expr, before: str, after: str, inner: list[ast.AST]) -> None:
        self._before.append((self._start(node), before.encode()))
        for part in inner:
            self._visit(part)
        self._after.append((self._end(node), after.encode()))

    # --- nodes -----------------------------------------------------------------------------

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.For | ast.comprehension):
            self._wrap(node.iter, "_turns((", "),_ticks)", [node.iter])
            rest: Iterator[ast.AST] = (
                child
                for child in children(node)
                if child is not node.iter and child is not node.target
            )
            for child in rest:
                self._visit(child)
        elif isinstance(node, ast.While):
            self._wrap(node.test, "_tick()and(", ")", [node.test])
            for child in [*node.body, *node.orelse]:
                self._visit(child)
        elif isinstance(node, ast.AugAssign):
            self._augment(node)
        elif isinstance(node, ast.BinOp):
            self._operation(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif not isinstance(node, ast.JoinedStr):
            for child in children(node):
                self._visit(child)

    def _operation(self, node: ast.BinOp) -> None:
        guard = _GUARDS.get(type(node.op))
        if guard is None or not self._numbers.guarded(node):
            self._visit(node.left)
            self._visit(node.right)
            return
        at = self._find(guard[1], self._end(node.left))
        self._instead[at] = (at + len(guard[1]), b",")
        self._wrap(node, guard[0] + "(", ")", [node.left, node.right])

    def _augment(self, node: ast.AugAssign) -> None:
        guard = _GUARDS.get(type(node.op))
        target = node.target
        if (
            guard is None
            or not isinstance(target, ast.Name)
            or not self._numbers.guarded_in_place(node)
        ):
            self._visit(node.value)
            return
        at = self._find(guard[1] + "=", self._end(target))
        text = f"={guard[0]}({target.id},(".encode()
        self._instead[at] = (at + len(guard[1]) + 1, text)
        self._visit(node.value)
        self._after.append((self._end(node), b"))"))

    def _call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in self._functions:
            self._frame(node)
        elif name in PRIMITIVES and (color := self._color_of_record(name, node)) is not None:
            kind, required, *_ = PRIMITIVES[name]
            opened = self._find("(", self._end(node.func))
            self._instead[self._start(node)] = (opened + 1, b"_draw((")
            for argument in node.args[: len(required)]:
                self._visit(argument)
            zeros = "0.0," * (6 - len(required))
            rest = f",{zeros}{color << 32 | kind})".encode() if self._whole else b")"
            end = self._end(node) - 1
            if len(node.args) + len(node.keywords) == len(required):
                self._after.append((end, rest))
            else:
                comma = self._find(",", self._end(node.args[len(required) - 1]))
                self._instead[comma] = (end, rest)
        else:
            if not name:
                self._visit(node.func)
            for part in [*node.args, *node.keywords]:
                self._visit(part)

    def _frame(self, node: ast.Call) -> None:
        inner = [*node.args, *node.keywords]
        at = self._find("(", self._end(node.func))
        alone = inner[0] if len(inner) == 1 else None
        if isinstance(alone, ast.GeneratorExp) and self._start(alone) == at:
            self._instead[at] = (at, b",")  # it shares its brackets with the call
            self._wrap(node, "_call(", ")", [alone])
            return
        self._instead[at] = (at + 1, b",")
        self._before.append((self._start(node), b"_call("))
        for part in inner:
            self._visit(part)

    def _color_of_record(self, name: str, node: ast.Call) -> int | None:
        """The colour, where the arguments are the record as they stand there; else None."""
        _, required, plain, optional = PRIMITIVES[name]
        given = node.args
        if not plain or any(isinstance(one, ast.Starred | ast.GeneratorExp) for one in given):
            return None
        color: int | None = BLACK
        last = given[-1] if given else node
        if len(given) == len(required) + 1 and not node.keywords and not optional:
            color = _literal_color(last)
        elif len(given) == len(required) and len(node.keywords) == 1:
            last = node.keywords[0].value
            color = _literal_color(last) if node.keywords[0].arg == "color" else None
        elif len(given) != len(required) or node.keywords:
            return None
        tail = self._source[self._end(last) : self._end(node)]
        return None if b"," in tail or b"#" in tail else color


def _literal_color(given: ast.expr) -> int | None:
    if not isinstance(given, ast.Constant) or type(given.value) is not int:
        return None
    return given.value if 0 <= given.value < 1 << 32 else None
