"""Which values are certainly numbers, and how large: so that few multiplications need a guard.

``a * b`` may repeat a list a billion times, and ``a * a`` again and again makes an int of a billion
digits. A guard around each multiplication would cost more than the geometry. This finds those that
cannot: a flow-insensitive inference over one function, whose answer for an expression is

- :data:`FLOAT`: a float, or a lent value of fixed size; multiplied by anything it stays one;
- a number of bits: a float, or an int of at most so many bits;
- :data:`ANY`: not known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from ringfence.blocks.syntax import walk
from ringfence.blocks.vocabulary import CONSTRUCTORS, MATH_INTEGERS

__all__ = ["ANY", "FLOAT", "MOST_BITS", "Numbers", "of_constant"]

FLOAT = -1
ANY = 1 << 30
_NOTHING = -2  # not reached yet
MOST_BITS = 4096
"""An int of more is not made: a guard refuses it."""

_WORD = 64
_OF_A_FLOAT = 1_100  # int(1e308) has 1024
_ROUNDS = 12
_LENT_METHODS = frozenset(
    ["distance", "dot", "cross", "length", "normalized", "then", "apply", "move", "rotate", "scale"]
)
_PREDICATES = frozenset({"isclose", "isfinite", "isinf", "isnan"})


_OF_MEMBERS = dict.fromkeys("xyz", FLOAT) | dict.fromkeys("rgba", 8)


def of_constant(value: object) -> int:
    """What is known of a literal."""
    if isinstance(value, float):
        return FLOAT
    return _cap(value.bit_length()) if isinstance(value, int) else ANY


def _join(first: int, second: int) -> int:
    return max(first, second)


def _cap(bits: int) -> int:
    return bits if bits <= MOST_BITS else ANY


class Numbers:
    """What is known of the values in one function.

    Args:
        function: the function.
        known: what is known from outside: its parameters and the constants of the module.
    """

    def __init__(self, function: ast.FunctionDef, known: Mapping[str, int]) -> None:
        self._known: dict[str, int] = dict(known)
        assigned = list(_assignments(function.body))
        for _ in range(_ROUNDS):
            before = dict(self._known)
            for name, value in assigned:
                self._known[name] = _join(self._known.get(name, _NOTHING), value(self.of))
            if self._known == before:
                return
        for name, _ in assigned:  # it still grows: a counter, which may count for ever
            self._known[name] = ANY

    def of(self, node: ast.expr) -> int:
        """What is known of the value of an expression."""
        if isinstance(node, ast.Constant):
            return of_constant(node.value)
        if isinstance(node, ast.Name):
            return self._known.get(node.id, _NOTHING)
        if isinstance(node, ast.BinOp):
            return self._operation(node.op, self.of(node.left), self.of(node.right), node.right)
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return 1
            inner = self.of(node.operand)
            return inner if inner in (FLOAT, _NOTHING, ANY) else _cap(inner + 1)
        if isinstance(node, ast.Compare):
            return 1
        if isinstance(node, ast.BoolOp):
            return max(map(self.of, node.values))
        if isinstance(node, ast.IfExp):
            return _join(self.of(node.body), self.of(node.orelse))
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "math":
                return FLOAT
            return _OF_MEMBERS.get(node.attr, ANY)
        if isinstance(node, ast.Call):
            return self._call(node)
        return ANY

    def guarded(self, node: ast.BinOp) -> bool:
        """Whether an operation may make something huge of something small."""
        return self._needs_guard(node.op, node.left, node.right)

    def guarded_in_place(self, node: ast.AugAssign) -> bool:
        """Whether an operation in place may."""
        target = node.target
        return self._needs_guard(node.op, target, node.value)

    def _needs_guard(self, op: ast.operator, left: ast.expr, right: ast.expr) -> bool:
        if isinstance(op, ast.LShift):
            return True
        first, second = self.of(left), self.of(right)
        if isinstance(op, ast.Mult):
            return not (
                FLOAT in (first, second)
                or (ANY not in (first, second) and first + second <= MOST_BITS)
            )
        if isinstance(op, ast.Mod):
            return first == ANY
        if isinstance(op, ast.Pow):
            return first != FLOAT and self._operation(op, first, second, right) == ANY
        return False

    def _operation(self, op: ast.operator, left: int, right: int, exponent: ast.expr) -> int:
        if isinstance(op, ast.Div):
            return FLOAT
        if isinstance(op, ast.Pow):
            return _power(left, right, exponent)
        if isinstance(op, ast.Mod) and left == ANY:
            return ANY  # text % values
        if _NOTHING in (left, right):
            return _NOTHING
        if FLOAT in (left, right):
            return FLOAT
        if ANY in (left, right):
            return ANY
        if isinstance(op, ast.Mult):
            return _cap(left + right)
        if isinstance(op, ast.LShift):
            return ANY
        if isinstance(op, ast.FloorDiv | ast.RShift):
            return left
        return _cap(_join(left, right) + 1)

    def _call(self, node: ast.Call) -> int:
        called, given = node.func, node.args
        if isinstance(called, ast.Attribute):
            if isinstance(called.value, ast.Name) and called.value.id == "math":
                name = called.attr
                if name in MATH_INTEGERS:
                    return _OF_A_FLOAT if name != "isqrt" else ANY
                return 1 if name in _PREDICATES else ANY if name == "modf" else FLOAT
            return FLOAT if called.attr in _LENT_METHODS else ANY
        name = called.id if isinstance(called, ast.Name) else ""
        if name == "Color":
            return 32
        if name == "float" or name in CONSTRUCTORS:
            return FLOAT
        if name == "len":
            return _WORD
        if name in ("abs", "round", "int") and given:
            inner = self.of(given[0])
            if name == "abs" or (name == "round" and len(given) > 1):
                return inner
            return _OF_A_FLOAT if inner == FLOAT else inner
        if name in ("min", "max") and len(given) > 1:
            if any(isinstance(one, ast.Starred) for one in given):
                return ANY
            return max(map(self.of, given))
        return ANY


def _power(left: int, right: int, exponent: ast.expr) -> int:
    if FLOAT in (left, right):
        return FLOAT
    if isinstance(exponent, ast.Constant) and type(exponent.value) is int:
        if left == _NOTHING:
            return _NOTHING
        if left != ANY:
            return _cap(left * exponent.value)
    return ANY


_Value = Callable[[Callable[[ast.expr], int]], int]


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, _Value]]:
    """Every name that is bound, and how to tell what it is bound to."""
    for node in walk(*body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _bind(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _bind(node.target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            joined = ast.BinOp(node.target, node.op, node.value)
            yield from _bind(node.target, joined)
        elif isinstance(node, ast.For | ast.comprehension):
            yield from _bind_turns(node.target, node.iter)
        elif isinstance(node, ast.Lambda):
            for argument in node.args.args:
                yield argument.arg, _unknown


def _unknown(_: Callable[[ast.expr], int]) -> int:
    return ANY


def _bind(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, _Value]]:
    if isinstance(target, ast.Name):
        yield target.id, _unknown if value is None else _OfExpression(value)
    elif isinstance(target, ast.Tuple | ast.List):
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        starred = any(isinstance(one, ast.Starred) for one in [*target.elts, *parts])
        paired = len(parts) == len(target.elts) and not starred
        for index, inner in enumerate(target.elts):
            yield from _bind(inner, parts[index] if paired else None)
    elif isinstance(target, ast.Starred):
        yield from _bind(target.value, None)


def _bind_turns(target: ast.expr, source: ast.expr) -> Iterator[tuple[str, _Value]]:
    called = source.func if isinstance(source, ast.Call) else None
    name = called.id if isinstance(called, ast.Name) else ""
    if name == "range" and isinstance(target, ast.Name) and isinstance(source, ast.Call):
        yield target.id, _OfTurns(source.args)
    elif name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        yield from _bind(target.elts[0], _LENGTH)
        yield from _bind(target.elts[1], None)
    else:
        yield from _bind(target, None)


_LENGTH = ast.Constant(1 << (_WORD - 1))


class _OfExpression:
    def __init__(self, value: ast.expr) -> None:
        self._value = value

    def __call__(self, of: Callable[[ast.expr], int]) -> int:
        return of(self._value)


class _OfTurns:
    def __init__(self, bounds: list[ast.expr]) -> None:
        self._bounds = bounds

    def __call__(self, of: Callable[[ast.expr], int]) -> int:
        found = [of(bound) for bound in self._bounds]
        if not found or ANY in found or any(isinstance(b, ast.Starred) for b in self._bounds):
            return ANY if ANY in found or not found else _WORD
        return max(_WORD, *found)
